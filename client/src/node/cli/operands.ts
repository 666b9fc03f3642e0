/**
 * Sessions are called by their ids, and one in 64 of those begins with a dash. No option has one dash and
 * so many letters, so that such a word is handed past the parser in disguise (rule CL38).
 */
const id = /^-(?=[\w])[\w-]{7,}$/
const disguised = /^\u2212(?=[\w])[\w-]{7,}$/

export const disguise = (argv: readonly string[]): string[] =>
  argv.map((word) => (id.test(word) ? `\u2212${word.slice(1)}` : word))

export const asTyped = (word: string): string => (disguised.test(word) ? `-${word.slice(1)}` : word)
