/** `baton say`: a message of a person, or of a program, into a session that Baton drives (rule NS2). */
import type { Speaker } from '../../core/driven-api.ts'
import { maxSaidBytes } from '../control/driven-shapes.ts'
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { ensureRunning } from './running.ts'

export async function say(
  context: Context,
  ref: string,
  words: readonly (string | undefined)[],
  options: { readonly role?: Speaker },
): Promise<void> {
  const { terminal, control } = context
  const text = await textOf(context, words)
  await ensureRunning(context)
  const said = await control().call('say', { ref, role: options.role ?? 'user', text })
  terminal.object({ type: 'result', ok: true, ...said })
  const { good, dim } = terminal.note
  terminal.tell(
    said.waits
      ? `${good('✓')} said; ${dim('it waits in the inbox for whoever holds the session')}`
      : `${good('✓')} said`,
  )
}

/** The words of the line, or stdin. */
async function textOf({ terminal }: Context, words: readonly (string | undefined)[]) {
  const given = words.filter((word) => word !== undefined).join(' ')
  const text = given === '' || given === '-' ? await readAll(terminal) : given
  if (Buffer.byteLength(text) > maxSaidBytes) {
    throw usage('failed to say it: the text is larger than 1 MiB')
  }
  if (text.trim() !== '') return text
  throw usage('failed to say it: there is no text', 'baton say <session> <text>, or by stdin')
}

async function readAll(terminal: Context['terminal']): Promise<string> {
  const { stdin } = terminal
  if (stdin.isTTY === true) {
    if (!terminal.asks) throw usage('failed to say it: there is no text', 'give it by stdin')
    terminal.tell(terminal.note.dim('what do you say? an empty line and Ctrl-D end it'))
  }
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stdin) {
    const chunk = typeof part === 'string' ? Buffer.from(part) : (part as Buffer)
    bytes += chunk.length
    if (bytes > maxSaidBytes + 4) throw usage('failed to say it: the text is larger than 1 MiB')
    parts.push(chunk)
  }
  return Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
