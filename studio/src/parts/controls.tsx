/** Buttons and fields. Every field has one sentence that says what it does and when to change it; `explain` shows them all. */
import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

/** Whether the sentences under the fields are shown; screen readers always get them. */
export const explain = signal(false)

interface ButtonProps {
  readonly label: string
  readonly icon?: IconName
  readonly onClick: () => void
  readonly kind?: 'primary' | 'quiet'
  readonly small?: boolean
  /** Shows the icon alone; the label becomes its name. */
  readonly iconOnly?: boolean
  readonly pressed?: boolean
  readonly disabled?: boolean
  readonly shortcut?: string
}

export function Button({ label, icon, onClick, kind, small, iconOnly, pressed, disabled, shortcut }: ButtonProps) {
  const classes = ['button', kind, small && 'small', iconOnly && 'icon-only'].filter(Boolean).join(' ')
  return (
    <button
      type="button"
      class={classes}
      onClick={onClick}
      disabled={disabled}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(iconOnly ? { 'aria-label': label, title: shortcut ? `${label} (${shortcut})` : label } : {})}
      {...(shortcut && !iconOnly ? { title: shortcut } : {})}
    >
      {icon && <Icon name={icon} />}
      {!iconOnly && label}
    </button>
  )
}

interface FieldProps {
  readonly label: string
  readonly hint?: string
  /** What stands at the end of the label's line. */
  readonly value?: string
}

function Frame({ id, label, hint, value, children }: FieldProps & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <div class="field-head">
        <label class="field-label" for={id}>
          {label}
        </label>
        {value !== undefined && <span class="field-value">{value}</span>}
      </div>
      {children}
      {hint && (
        <p id={`${id}-hint`} class={explain.value ? 'field-hint' : 'visually-hidden'}>
          {hint}
        </p>
      )}
    </div>
  )
}

export interface Option<T> {
  readonly value: T
  readonly label: string
  readonly disabled?: boolean
}

interface SelectProps<T> extends FieldProps {
  readonly selected: T
  readonly options: readonly Option<T>[]
  readonly onChange: (value: T) => void
}

export function Select<T extends string | number>({ selected, options, onChange, ...field }: SelectProps<T>) {
  const id = useId()
  return (
    <Frame id={id} {...field}>
      <PlainSelect id={id} described={field.hint ? `${id}-hint` : undefined} {...{ selected, options, onChange }} />
    </Frame>
  )
}

interface PlainSelectProps<T> {
  readonly id?: string
  readonly label?: string
  readonly described?: string | undefined
  readonly small?: boolean
  readonly selected: T
  readonly options: readonly Option<T>[]
  readonly onChange: (value: T) => void
}

/** A select box without a visible label. */
export function PlainSelect<T extends string | number>(props: PlainSelectProps<T>) {
  const { id, label, described, small, selected, options, onChange } = props
  return (
    <select
      id={id}
      class={small ? 'select small' : 'select'}
      aria-label={label}
      aria-describedby={described}
      value={String(selected)}
      onChange={(event) => {
        const found = options.find((option) => String(option.value) === event.currentTarget.value)
        if (found) onChange(found.value)
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={String(option.value)} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

interface RangeProps extends FieldProps {
  readonly at: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly disabled?: boolean
  readonly onChange: (value: number) => void
}

export function Range({ at, min, max, step = 1, disabled, onChange, ...field }: RangeProps) {
  const id = useId()
  const filled = `${(100 * (at - min)) / Math.max(1e-9, max - min)}%`
  return (
    <Frame id={id} {...field}>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={at}
        disabled={disabled}
        style={{ '--filled': filled }}
        aria-valuetext={field.value}
        aria-describedby={field.hint ? `${id}-hint` : undefined}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
    </Frame>
  )
}

interface SwitchProps {
  readonly label: string
  readonly hint?: string
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}

export function Switch({ label, hint, on, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div class="field">
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          checked={on}
          aria-checked={on}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} class={explain.value ? 'field-hint' : 'visually-hidden'}>
          {hint}
        </p>
      )}
    </div>
  )
}

interface SegmentedProps<T> {
  readonly label: string
  readonly selected: T
  readonly options: readonly Option<T>[]
  readonly onChange: (value: T) => void
}

/** One of a few, side by side. */
export function Segmented<T extends string | number>({ label, selected, options, onChange }: SegmentedProps<T>) {
  const name = useId()
  return (
    <div class="segmented" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            checked={option.value === selected}
            disabled={option.disabled}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  )
}

interface NumberBoxProps {
  readonly label: string
  readonly value: number
  readonly min?: number
  readonly max?: number
  readonly step?: number | 'any'
  readonly hint?: string
  readonly onChange: (value: number) => void
}

export function NumberBox({ label, value, min, max, step = 'any', hint, onChange }: NumberBoxProps) {
  const id = useId()
  return (
    <Frame id={id} label={label} {...(hint ? { hint } : {})}>
      <input
        id={id}
        class="text-input"
        type="number"
        {...{ min, max, step, value }}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => {
          const next = Number(event.currentTarget.value)
          if (event.currentTarget.value !== '' && Number.isFinite(next)) onChange(next)
        }}
      />
    </Frame>
  )
}
