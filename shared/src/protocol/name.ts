/** Names that another device made for itself: shown, never looked up by. Rule P14. */
import { maxNameChars } from '../limits.ts'

/** Controls (ANSI escapes among them), format characters (bidi, zero width), unpaired surrogates. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** At most `maxNameChars` UTF-16 units of visible text on one line; `fallback` when none is left. */
export function cleanName(name: string, fallback: string): string {
  let out = ''
  const visible = name.slice(0, 16 * maxNameChars).replace(unseen, ' ')
  for (const char of visible
    .replace(/\p{M}{3,}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()) {
    if (out.length + char.length > maxNameChars) break
    out += char
  }
  return out.trim() || fallback
}
