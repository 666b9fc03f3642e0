/** `baton join`: opens an invitation (rule CL34), and says how the session goes on here. */
import { isInvitationLink, parseInvitationLink } from '@baton/shared/protocol/invitation-link'
import type { HandoffRow } from '../../core/mesh-api.ts'
import { firstLine, nameOf as nameOfKey } from './ask-code.ts'
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { concludeHandoff, followHandoff } from './handing.ts'
import { prompt } from './keys.ts'
import { goOn } from './resume.ts'
import { ensureRunning } from './running.ts'
import type { Terminal } from './terminal.ts'
import { stopUnused } from './up.ts'

export async function join(context: Context, given: string | undefined): Promise<void> {
  const { terminal, control } = context
  // Read before anything is started or sent.
  const link = await askLink(terminal, given)
  const parsed = parseInvitationLink(link)
  const service = parsed.at === 'pairing' ? parsed.code.server : undefined
  const { pid, started } = await ensureRunning(context, service)
  try {
    const rows = await control().devices()
    const task = control().joinSession({ link })
    const done = await followHandoff(context, task, rows)
    concludeHandoff(context, done, await control().devices())
    if (done.placed) await goOn(context, done.placed.resume, false)
    else if (done.handoff) tellHow(context, done.handoff)
  } catch (error) {
    // Nobody asked for a device in the background, but for this session.
    if (started && (await stopUnused(context, pid))) {
      terminal.tell(terminal.note.dim('the device that was started for this is stopped again'))
    }
    throw error
  }
}

function tellHow({ terminal }: Context, { kind, session, mode }: HandoffRow): void {
  const { dim } = terminal.note
  const ref = session.slice(0, 8)
  if (mode !== undefined && kind !== 'observe') terminal.tell(dim(`it goes on in the mode ${mode}`))
  else if (mode !== undefined) terminal.tell(dim(`it is meant for the mode ${mode}`))
  terminal.tell(
    dim(
      {
        transfer: `baton run --session ${ref} <agent> goes on with it, baton say ${ref} says something`,
        mirror: `baton say ${ref} says something, baton watch ${ref} reads along`,
        observe: `baton watch ${ref} reads along`,
      }[kind],
    ),
  )
}

/** Resolves with a link that can be read. Rejects with `code-format`, `usage` or `cancelled`. */
async function askLink(terminal: Terminal, given: string | undefined): Promise<string> {
  if (given === '-')
    return readable(await firstLine(terminal, 'failed to join: stdin held no link'))
  if (given !== undefined) {
    const link = readable(given)
    if (parseInvitationLink(link).at === 'pairing') {
      terminal.warn(
        'warning: a link on the command line can be seen in ps and stays in the shell history; leave it out to be asked',
      )
    }
    return link
  }
  if (terminal.asks) return readable(await promptLink(terminal))
  throw usage('failed to join: no invitation was given', 'pipe it in: baton join -')
}

/** Throws `code-format`; nothing was sent by then. */
function readable(text: string): string {
  parseInvitationLink(text)
  return text.trim()
}

function promptLink(terminal: Terminal): Promise<string> {
  const { accent, bold, dim } = terminal.note
  const question = `${accent('?')} Link of the invitation`
  let line = ''
  const view = () => [`  ${dim('paste it, then Enter')}`, `${question}  ${bold(line)}`]
  return prompt<string>(terminal, view, (key) => {
    if (key.name === 'return' && isInvitationLink(line)) {
      return { at: 'done', answer: line, shown: `${question}  ${dim('read')}` }
    }
    const name = nameOfKey(key)
    if (name === 'backspace') line = line.slice(0, -1)
    else if (name === 'clear') line = ''
    else if (name !== 'tab' && key.name !== 'return') line = (line + name).slice(0, 512)
    return { at: 'asking' }
  })
}
