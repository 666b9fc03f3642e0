/**
 * Length-prefixed concatenation (EN7): `lv_cat` of draft-irtf-cfrg-cpace, each part behind its
 * length in LEB128. Two different lists of parts never give the same bytes, so it is safe to hash.
 */
import { type Bytes, concat } from '../bytes.ts'

export function lvCat(...parts: Bytes[]): Bytes {
  return concat(...parts.flatMap((part) => [leb128(part.length), part]))
}

/** Unsigned LEB128 (DWARF 7.6) of a length below 2^32, shortest form. */
export function leb128(value: number): Bytes {
  const out: number[] = []
  let rest = value
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  out.push(rest)
  return new Uint8Array(out)
}
