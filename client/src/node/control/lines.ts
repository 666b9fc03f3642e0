/** Streams of JSON lines, both ways: written from a task's events, read within a bound. */
import { BatonError } from '@baton/shared/errors'

export interface Lines<E> {
  readonly events: AsyncIterable<E>
  /** The reader went away. */
  cancel(): void
  /** Nobody is told anything more, however it came to that. */
  ended?(): void
}

const encoder = new TextEncoder()

/** The body of an answer. It ends with the events; whoever stops reading cancels what makes them. */
export function bodyOf<E>({
  events,
  cancel,
  ended = () => {},
}: Lines<E>): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next()
          if (!done) return controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`))
          ended()
          controller.close()
        } catch (error) {
          ended()
          throw error
        }
      },
      async cancel() {
        ended()
        cancel()
        await iterator.return?.()
      },
    },
    // Nothing is taken from the task before someone reads it.
    { highWaterMark: 0 },
  )
}

/** Splits `source` into parsed lines. Throws `invalid` for what is no JSON or longer than allowed. */
export async function* parseLines(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of source) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield parseJson(line)
    if (rest.length > maxBytes) throw new BatonError('too-large', 'failed to read an answer')
  }
  if (rest !== '') throw new BatonError('invalid', 'failed to read an answer: it was cut off')
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's words would quote what it read.
    throw new BatonError('invalid', 'failed to read an answer: it is not JSON')
  }
}
