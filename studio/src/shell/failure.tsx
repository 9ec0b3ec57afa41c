/** What is shown when a page cannot be. */
import { Component, type ComponentChildren } from 'preact'
import { Button } from '../parts/controls.tsx'

interface FailureProps {
  readonly title: string
  readonly text: string
  readonly retry?: boolean
}

export function Failure({ title, text, retry }: FailureProps) {
  return (
    <div class="page">
      <div class="notice danger" role="alert">
        <p class="notice-title">{title}</p>
        <p>{text}</p>
        {retry && (
          <div class="notice-actions">
            <Button label="Load again" icon="reset" onClick={() => location.reload()} />
          </div>
        )}
      </div>
    </div>
  )
}

interface State {
  readonly error?: Error
}

/** Keeps the rest of the studio usable when a page fails. */
export class ErrorBoundary extends Component<{ children: ComponentChildren }, State> {
  override state: State = {}

  static override getDerivedStateFromError(error: Error): State {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (error) return <Failure title="This page met an error" text={error.message} retry />
    return this.props.children
  }
}
