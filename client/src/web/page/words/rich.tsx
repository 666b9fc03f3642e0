/** A sentence in which commands stand between backticks. */
import { Fragment } from 'preact'

export const Rich = ({ text }: { readonly text: string }) => (
  <>
    {text
      .split('`')
      .map((part, i) =>
        i % 2 === 1 ? <code key={i}>{part}</code> : <Fragment key={i}>{part}</Fragment>,
      )}
  </>
)
