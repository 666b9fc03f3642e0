/** A question that stands before everything else: the browser's own dialog, which keeps the focus in it. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export interface DialogProps {
  readonly title: string
  readonly children: ComponentChildren
  /** It was put away, by whatever. */
  onClose(): void
}

export function Dialog({ title, children, onClose }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = box.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog ref={box} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** One of a few things, by its whole line. */
export function Choice<V extends string>(props: {
  readonly legend: string
  readonly name: string
  readonly value: V | undefined
  readonly choices: readonly {
    readonly value: V
    readonly label: string
    readonly note?: string | undefined
  }[]
  onChoice(value: V): void
}) {
  return (
    <fieldset class="choice">
      <legend>{props.legend}</legend>
      {props.choices.map(({ value, label, note }) => (
        <label key={value}>
          <input
            type="radio"
            name={props.name}
            checked={value === props.value}
            onChange={() => props.onChoice(value)}
          />
          <span>
            {label}
            {note !== undefined && <small class="quiet">{note}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
