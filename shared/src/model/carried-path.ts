/**
 * Carried paths name the files of a session, on every device the same: relative, with forward
 * slashes. They come from peers and become paths on disk, so the form is narrow (PL, MO1).
 */

/** The session's main line file. */
export const mainFile = 'transcript.jsonl'

const maxPathChars = 512
const maxParts = 12
const part = /^[A-Za-z0-9_@+=][A-Za-z0-9 ._@+=-]{0,127}$/

/** True for a path that can neither leave its folder nor surprise a file system. */
export function isCarriedPath(path: string): boolean {
  if (path.length === 0 || path.length > maxPathChars) return false
  const parts = path.split('/')
  return (
    parts.length <= maxParts &&
    parts.every((name) => part.test(name) && !name.endsWith('.') && !name.endsWith(' '))
  )
}

/** Line files are carried record by record, everything else whole. */
export const isRecordFile = (path: string): boolean => path.endsWith('.jsonl')
