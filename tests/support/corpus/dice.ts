/** Seeded randomness for the corpus: one seed, one tree, on every machine. */

export interface Dice {
  /** An integer in [0, below). */
  int(below: number): number
  chance(share: number): boolean
  pick<T>(from: readonly T[]): T
  hex(length: number): string
  /** A version 4 UUID in form. */
  uuid(): string
  /** About `bytes` of ASCII prose with line breaks, built of a few hundred words. */
  prose(bytes: number): string
}

const words =
  'the a of to in and is it this that with for each when then lines file test parser token queue retry cache index branch buffer stream reader writer window value result error handler config signal worker timer batch event record cursor offset header table column row commit merge review fixture snapshot deploy server client session pairing code path folder module import export function returns expects checks fails passes because before after between under over only also never always once twice empty full small large slow fast first last next wrong right clean dirty'.split(
    ' ',
  )

const pageBytes = 64 * 1024

/** sfc32, seeded through splitmix32. */
export function createDice(seed: number): Dice {
  let z = seed | 0
  const split = () => {
    z = (z + 0x9e3779b9) | 0
    let t = z ^ (z >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return t ^ (t >>> 15)
  }
  let [a, b, c, d] = [split(), split(), split(), 1]
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  const int = (below: number) => next() % below
  const hex = (length: number) => {
    let out = ''
    while (out.length < length) out += next().toString(16).padStart(8, '0')
    return out.slice(0, length)
  }
  const write = (bytes: number) => {
    let text = ''
    while (text.length < bytes) text += `${words[int(words.length)]}${int(12) === 0 ? '\n' : ' '}`
    return text
  }
  let page: string | undefined
  return {
    int,
    hex,
    chance: (share) => next() < share * 0x1_0000_0000,
    pick: (from) => from[int(from.length)] as (typeof from)[number],
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[int(4)]}${hex(3)}-${hex(12)}`,
    prose: (bytes) => {
      // Cut from a page written once: a transcript of 1 GB is then made as fast as it is written.
      page ??= write(pageBytes)
      let text = ''
      while (text.length < bytes) text += page.slice(int(pageBytes / 2))
      return text.slice(0, bytes)
    },
  }
}
