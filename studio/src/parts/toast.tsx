/** A short message at the foot of the window that goes by itself; screen readers hear it. */
import { signal } from '@preact/signals'

const message = signal('')
let timer: ReturnType<typeof setTimeout> | undefined

export function showToast(text: string): void {
  message.value = text
  clearTimeout(timer)
  timer = setTimeout(() => {
    message.value = ''
  }, 3000)
}

const announced = signal('')

/** Says something to screen readers alone. */
export function announce(text: string): void {
  announced.value = text
}

export function Toasts() {
  return (
    <>
      <div role="status">{message.value && <div class="toast">{message}</div>}</div>
      <div class="visually-hidden" aria-live="polite">
        {announced}
      </div>
    </>
  )
}
