/** Bounds of what an agent that is driven says, and of how long it may take: nothing another device counts on. */
/** One line of what an agent says. */
export const maxAcpLineBytes = 4 * 1024 * 1024
/** Lines that are no ACP, after which an agent is ended. */
export const maxAcpGarbage = 50
/** Tool calls of one turn. */
export const maxTurnCalls = 1000
/** Questions of an agent that wait for a person. */
export const maxAcpAsks = 16
/** How long an agent may take to begin: it may be fetched first. */
export const acpAnswerMs = 120_000
/** No more of what was comes after that much silence. */
export const acpReplayMs = 500
/** A turn in which nothing is said is cancelled, and one that was cancelled has so long to end. */
export const acpSilenceMs = 30 * 60_000
export const acpCancelMs = 10_000
/** UTF-16 units of a history that are handed to an agent which does not know it. */
export const maxContextChars = 100_000
