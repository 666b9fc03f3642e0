/**
 * The folder of the control socket (rule CS1): who can write there can put another socket in its
 * place, and would be told what a person asks of the device, codes included. So both ends look.
 */
import { lstatSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { BatonError } from '@baton/shared/errors'

export const isPipe = (socket: string): boolean => socket.startsWith('\\\\')

/** Throws `keyring-mode`; a folder that is not there is nobody's. */
export function checkSocketFolder(socket: string): void {
  if (isPipe(socket)) return
  const folder = dirname(socket)
  const stats = statsOf(folder)
  if (stats === undefined) return
  if (!stats.isDirectory() || stats.uid !== process.geteuid?.()) {
    throw refused(folder, 'it is not a folder of this user', 'remove it, or use another BATON_HOME')
  }
  if ((stats.mode & 0o022) === 0) return
  throw refused(folder, 'others can write there', `make it your own: chmod 700 ${folder}`)
}

function statsOf(folder: string): Stats | undefined {
  try {
    const link = lstatSync(folder)
    // A link of one's own is a home moved to another disk; anyone else's leads where they want.
    const own = link.isSymbolicLink() && link.uid === process.geteuid?.()
    return own ? statSync(folder) : link
  } catch {
    // What lands here: nothing is there, or nothing can be reached, which connecting tells.
    return undefined
  }
}

const refused = (folder: string, why: string, hint: string): BatonError =>
  new BatonError('keyring-mode', `failed to use ${folder}: ${why}`, { hint })
