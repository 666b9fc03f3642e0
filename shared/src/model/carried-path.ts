/**
 * Carried paths name the files of a session, on every device the same: relative, with forward
 * slashes. They come from peers and become paths on disk, so the form is narrow (MO1). Which of them
 * an agent's folder takes is its source's business.
 */

/** The session's main line file. */
export const mainFile = 'transcript.jsonl'

const maxPathChars = 512
const maxParts = 12
const maxPartChars = 128
/** Separators, drive and stream colons, wildcards, control, format and lone surrogate characters. */
const unsafe = /[\\/:*?"<>|\p{Cc}\p{Cf}\p{Cs}]|^\.|[. ]$/u
const windowsNames = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

/** True for a path that can neither leave its folder nor surprise a file system. */
export function isCarriedPath(path: string): boolean {
  if (path.length === 0 || path.length > maxPathChars) return false
  const parts = path.split('/')
  return (
    parts.length <= maxParts &&
    parts.every(
      (name) =>
        name.length > 0 &&
        name.length <= maxPartChars &&
        !unsafe.test(name) &&
        !windowsNames.test(name),
    )
  )
}
