/** Counts as a language says them: its digits, and the form of the noun that goes with the number. */

/** `forms`: for one, and for any other number; enough for the languages that are here. */
export function countIn(language: string) {
  const rules = new Intl.PluralRules(language)
  return (count: number, one: string, other: string): string =>
    `${count.toLocaleString(language)} ${rules.select(count) === 'one' ? one : other}`
}
