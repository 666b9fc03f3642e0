/** No kind of an entry: what a redaction puts into the place of one (rule RD2). */
export const inPlace = -1
