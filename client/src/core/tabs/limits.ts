/** Bounds among the pages of one origin, with their units; tests/pins/limits.test.ts freezes them, too. */

/** A leader that does not answer is asked again at most this often. */
export const tabAskMs = 1_000
/** Questions without an answer after which its place is taken; four times as many for a page at the back. */
export const tabAsks = 5
export const maxTabs = 32
/** What a message may hold: UTF-16 units of its texts, its bytes, and 8 for every value. */
export const maxTabAskUnits = 2 * 1024 * 1024
export const maxTabAnswerUnits = 32 * 1024 * 1024
export const maxTabWordUnits = 8 * 1024
export const maxTabDepth = 48
/** Questions of one page that wait for an answer, and what it follows. */
export const maxTabAsks = 256
export const maxTabStreams = 64
/** Events in one message. */
export const tabBatch = 64
/** What a page gathers waits at most so long while it is in front. */
export const frontFlushMs = 250
