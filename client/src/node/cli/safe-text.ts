/** Text of others made fit for a terminal without changing how it reads: blanks stay as they are. */

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu

/** One line; every control, format and unpaired character becomes a visible mark. */
export const safeLine = (text: string): string => text.replace(unseen, '\ufffd')
