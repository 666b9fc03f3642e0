/**
 * Where a passphrase comes from (rule GU7): a file descriptor, a private file or a prompt that does not
 * show it; never an argument, which `ps` and the shell's history would have.
 */
import { readSync } from 'node:fs'
import { maxPassphraseBytes } from '@baton/shared/limits'
import { noAccess } from '../guard/guard.ts'
import { createKeychain } from '../guard/keychain.ts'
import { checkPassphrase } from '../guard/passphrase.ts'
import type { PeerKeys } from '../peer.ts'
import { readPrivateFile } from '../private-folder.ts'
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { prompt } from './keys.ts'
import type { Terminal } from './terminal.ts'

const mostBytes = maxPassphraseBytes + 2

/** How this command gets at the keys. The passphrase is asked for once. */
export function createKeyAccess(context: Pick<Context, 'terminal' | 'env'>): PeerKeys {
  const { BATON_KEYCHAIN: wanted } = context.env
  let asked: Promise<string> | undefined
  return {
    passphrase() {
      asked ??= passphraseOf(context)
      return asked
    },
    keychain: wanted === 'off' ? undefined : createKeychain(),
    prefersKeychain: wanted !== 'off',
  }
}

async function passphraseOf({ terminal, env }: Pick<Context, 'terminal' | 'env'>) {
  return (
    givenPassphrase(env) ??
    (terminal.asks ? hidden(terminal, 'Passphrase of this device') : noAccess.passphrase())
  )
}

/** What the environment names: undefined when it names nothing. Throws `usage` or `keyring-mode`. */
export function givenPassphrase(env: Context['env']): string | undefined {
  const { BATON_PASSPHRASE_FD: fd = '', BATON_PASSPHRASE_FILE: file = '' } = env
  if (fd !== '') return lineOf(fromDescriptor(fd), 'BATON_PASSPHRASE_FD')
  if (file === '') return undefined
  const text = readPrivateFile(file, mostBytes)
  if (text === undefined) throw usage('failed to read BATON_PASSPHRASE_FILE: there is no such file')
  return lineOf(Buffer.from(text, 'latin1'), 'BATON_PASSPHRASE_FILE')
}

function fromDescriptor(name: string): Buffer {
  const bytes = Buffer.alloc(mostBytes + 1)
  let filled = 0
  try {
    for (let more = 1; more > 0 && filled < bytes.length; filled += more) {
      more = readWaiting(Number.parseInt(name, 10), bytes.subarray(filled))
    }
  } catch {
    throw usage('failed to read BATON_PASSPHRASE_FD: it is no descriptor that can be read')
  }
  return bytes.subarray(0, filled)
}

/** A descriptor that another process made non-blocking says EAGAIN until something comes. */
function readWaiting(fd: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, into)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}

/** One line, without its end. */
function lineOf(bytes: Buffer, name: string): string {
  const line = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (bytes.length <= mostBytes && line !== '' && !line.includes('\n')) return line
  throw usage(`failed to read ${name}: it holds one line, ${maxPassphraseBytes} bytes at most`)
}

/** A new one, from the environment or typed twice. Rejects with `usage`. */
export async function newPassphrase(
  { terminal, env }: Pick<Context, 'terminal' | 'env'>,
  question = 'New passphrase',
): Promise<string> {
  const given = givenPassphrase(env)
  if (given !== undefined) {
    checkPassphrase(given)
    return given
  }
  if (!terminal.asks) {
    throw usage(
      'failed to take a passphrase: nobody can be asked',
      'run it in a terminal, or name a file that holds it with BATON_PASSPHRASE_FILE',
    )
  }
  const first = await hidden(terminal, question)
  checkPassphrase(first)
  if ((await hidden(terminal, 'The same again')) === first) return first
  throw usage('failed to take the passphrase: the two are not the same', 'nothing was changed')
}

/** One line that is not shown. Rejects with `cancelled`. */
export function hidden(terminal: Terminal, question: string): Promise<string> {
  const { accent, dim } = terminal.note
  const asked = `${accent('?')} ${question}`
  let text = ''
  const view = () => [`${asked} ${dim(text === '' ? '(not shown)' : '•'.repeat(8))} `]
  return prompt<string>(terminal, view, ({ name, text: typed, ctrl }) => {
    if (name === 'return') return { at: 'done', answer: text, shown: `${asked} ${dim('read')}` }
    if (name === 'backspace') text = [...text].slice(0, -1).join('')
    else if (ctrl && (name === 'u' || name === 'w')) text = ''
    else if (!ctrl && typed >= ' ' && text.length < mostBytes) text += typed
    return { at: 'asking' }
  })
}

/** Of a process in the background: where its passphrase comes in. */
export const passphraseDescriptor = 4
