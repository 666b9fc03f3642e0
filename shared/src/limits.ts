/**
 * Every bound of the project, with its unit in its name. A room's bounds stand under its heading;
 * tests/pins/limits.test.ts freezes them.
 */

// encoding
export const maxDepth = 32
export const maxInlineBytes = 32 * 1024
export const maxDecodeBytes = 16 * 1024 * 1024
export const maxDecodeValues = 32 * 1024

// log
export const segmentBytes = 64 * 1024
export const segmentEntries = 256
export const maxEntryBytes = maxInlineBytes + 4 * 1024
export const maxDeltaBytes = segmentBytes + maxEntryBytes + 16 * 1024
export const joinedEntries = 2048
export const maxDeps = 40
/** Places where an entry stood that is said again. */
export const maxOrigins = 16
/** A device looks whether its logs of a document can be made smaller from there on. */
export const checkpointBytes = 64 * 1024
export const maxOwnLogs = 64
/** What a device says again of its logs of a document at once; half of it is a long log. */
export const maxOwnLogBytes = 16 * 1024 * 1024
/** A device that nobody heard of for that long is no longer waited for. */
export const laggardMs = 30 * 24 * 3_600_000
/** Logs that one checkpoint names. */
export const maxCheckpointLogs = 256
/** A signature stands at least that often, or a fork could not be proven. */
export const maxForkPath = joinedEntries
export const maxForkBytes = 2 * 32 * maxForkPath + 1024
/** Hashes of entries that went, kept of one device's logs in a session. */
export const maxTrailHashes = 4 * maxForkPath
export const blobChunkBytes = 64 * 1024

// clock
export const maxClockAheadMs = 60_000
export const clockReserveMs = 1000

// signals
export const maxSdpChars = 16 * 1024
export const maxSdpLines = 128
export const maxCandidates = 40
export const maxCandidateChars = 512

// link: frames
export const maxMessageBytes = 1024 * 1024
export const maxFrameBytes = 65_536
/** What a data frame carries while the round trip does not allow `maxFrameBytes`. */
export const framePayloadBytes = 16 * 1024
/** On a slow way a bulk frame holds what passes in `frameMs`, but at least this. */
export const minFrameBytes = 2 * 1024
export const frameMs = 25
/** What a frame costs of its lane's credit beyond its payload, so that empty ones are bounded too. */
export const frameCostBytes = 32
export const maxReasonChars = 100
export const reorderFrames = 32
export const holeMs = 2_000
export const partialIdleMs = 30_000

// link: a peer that has not been admitted
export const strangerFrames = 4
export const strangerBytes = 4 * 1024
export const strangerSignals = 32
export const strangerMs = 5_000

// link: flow
export const windowBytes = 256 * 1024
export const minWindowBytes = 64 * 1024
export const maxWindowBytes = 4 * 1024 * 1024
export const laneQueueBytes = 1024 * 1024
/** What enters the pipe in one go before other work of the process gets its turn. */
export const burstBytes = 256 * 1024
export const liveFramesPerBulk = 4

// link: round trip and life
export const bigFrameInflationMs = 20
export const growInflationMs = 30
export const shrinkInflationMs = 150
export const loadProbeMs = 250
export const loadProbeBytes = 64 * 1024
export const pingActiveMs = 2_000
export const pingIdleMs = 10_000
export const activeMs = 30_000
export const suspectMs = 6_000
export const restartEveryMs = 4_000
/** Pings, 2 s apart, that may announce bulk which does not come, before it counts as lost. */
export const tailMisses = 3
export const downMs = 15_000
export const clockJumpMs = 5_000

// link: close
export const drainMs = 2_000
export const byeMs = 500

// signaling: what one object holds (security 7); the service's own totals are its operator's
/** One sealed and padded message to a slot or a mailbox. */
export const maxBlobBytes = 32 * 1024
export const maxQueueMessages = 64
export const maxQueueBytes = 256 * 1024
export const sidBytes = 16
export const mailboxBytes = 16
export const slotLifeMs = 10 * 60_000
export const slotClaims = 20
export const slotGraceMs = 20_000
export const mailboxLifeMs = 120_000
export const challengeLifeMs = 30_000
export const pollWaitMs = 25_000
export const streamHelloMs = 5_000
export const streamPingMs = 25_000
export const streamDeadMs = 60_000
export const maxRequestChars = 48 * 1024
export const maxEventsChars = 512 * 1024

// store
export const maxStoreKeyBytes = 512
export const maxStoreValueBytes = 16 * 1024 * 1024

// keyring
export const maxSecretBytes = 4 * 1024

// passphrases: the parameters of scrypt (RFC 7914), those we write and those we read
/** N = 2^17, r = 8, p = 1: 128 MiB and about half a second. */
export const passphraseLogN = 17
export const passphraseBlock = 8
export const passphraseLanes = 1
export const minPassphraseLogN = 10
/** 256 MiB at most: what a file says must not take a small machine down. */
export const maxPassphraseLogN = 18
export const maxPassphraseLanes = 4
export const minPassphraseChars = 8
export const maxPassphraseBytes = 1024

// archives: a session as a file
/** Before sealing. */
export const archiveChunkBytes = 64 * 1024
export const maxArchiveHeaderBytes = 1024
export const maxArchiveItemBytes = 1024 * 1024

// key exchange
export const codeWords = 3
export const maxNameplateDigits = 9
export const maxCodeChars = 512
/** 128 bits, and 15 to check them by. */
export const recoveryWords = 13
export const recoverySecretBytes = 16
export const maxServerChars = 256
export const qrSecretBytes = 16
export const sealedSizes: readonly number[] = [1024, 4096, 16_384, maxBlobBytes]
export const maxVerifyKeysCached = 256

// mailboxes
export const mailboxHourMs = 3_600_000
export const rollMarginMs = 5 * 60_000
export const widenAfterMs = 60_000

// sync
export const maxSharedSessions = 10_000
export const maxLogsPerSession = 4096
export const maxWants = 256
export const maxAskBytes = 512 * 1024
export const maxOpenAsks = 64
/**
 * What a peer may have asked for and not taken: the answers of all questions at once, and a
 * comparison of all sessions, with as much again to spare.
 */
export const maxOwedBytes = 64 * 1024 * 1024
/** Logs of a link of which entries came that follow nothing held. */
export const maxGaps = 4096
/** Logs whose entries do not verify that a link bears: two devices may hold an author's fork. */
export const maxRefusedLogs = 8
export const diskRetryMs = 30_000
/** A peer's word on its disk is told at most this often. */
export const troubleTellMs = 1_000
/** From here on a run of entries is kept and sent deflated; smaller ones are joined to be sent. */
export const packBytes = 4 * 1024
/** Raw bytes of deltas put into one batch; what a deflate may unfold to at most. */
export const batchBytes = 256 * 1024
export const maxBatchBytes = batchBytes + maxDeltaBytes
/** Deflated bytes of runs put into one message, and how many. */
export const runsBytes = 64 * 1024
export const maxRuns = 8
/** Messages of a link that are unfolded and not yet written; further ones wait as they came. */
export const maxUnfolded = 16
/** A sidecar file beyond this is not carried, a session with a line beyond it cannot be. */
export const maxContentBytes = 64 * 1024 * 1024

// text ahead of its signed pieces
/** News of one message goes at most this often. */
export const aheadMs = 50
/** A peer that lost the thread is given it again at most this often. */
export const aheadAgainMs = 250
/** UTF-8 bytes of text in one frame. */
export const aheadFrameBytes = 8 * 1024
/** What a peer was sent of one message, and of all, and has not confirmed. */
export const aheadWindowBytes = 16 * 1024
export const aheadLinkWindowBytes = 64 * 1024
/** A link names a message that is being written by a number below this. */
export const aheadRefs = 128
/** Messages of one link of which text is held ahead. */
export const maxAheadStreams = 16
/** Text held ahead: of one message, of one link, and of all. What is signed meanwhile does not count. */
export const maxAheadStreamBytes = 96 * 1024
export const maxAheadLinkBytes = 512 * 1024
export const maxAheadBytes = 4 * 1024 * 1024
/** What a frame costs of that beyond its text, so that many small ones are bounded too. */
export const aheadCostBytes = 64

// presence
/** Sessions in which a device says that it is active. */
export const maxPresenceRows = 64
/** What a device says of itself goes at most this often, and is told at most this often. */
export const presenceMs = 500

// sources
export const maxSidecars = 10_000
export const maxTitleChars = 120
export const maxShownChars = 400
/** UTF-16 units of one message of a document, where it is read. */
export const maxShownText = 16 * 1024
/** The same where a page shows it at length. */
export const maxReadChars = 16_384

// documents
export const maxPathSegments = 8
/** UTF-16 units of all segments of a path together. */
export const maxPathChars = 16 * 1024
export const maxIdChars = 1024
/** Holders of a session one after the other, with room above to add. */
export const maxEpoch = 2 ** 48
/** Entries of one log that wait for others, and the bytes that all of a session may take. */
export const maxWaitingPerLog = 64
export const maxWaitingBytes = 36 * 1024 * 1024
/** The text of a stream is written down in pieces: so many UTF-8 bytes, or what came in that time. */
export const streamPieceBytes = 8 * 1024
export const streamPieceMs = 1_000
/** Text of one stream that waits for the disk before its writer has to. */
export const streamWindowBytes = 64 * 1024
/** What a streamed message says beside its text, as msgpack. */
export const maxStreamFieldsBytes = 8 * 1024
/** Hidden entries of one log that are listed for people. */
export const maxHiddenRows = 1000
/** UTF-16 units of what a tool call was given, or gave back, that are kept with it. */
export const maxCallChars = 4 * 1024

// handoffs
/** A request that nobody answered ends then, and so does an invitation. */
export const handoffLifeMs = 5 * 60_000
/** For its target to have all of the session, and for its word to come back. */
export const handoffReadyMs = 30_000
export const maxHandoffRequires = 32
/** Requests kept of those that are over, those one device may have open here, invitations that wait. */
export const maxHandoffsKept = 200
export const maxHandoffsOpen = 16
export const maxInvitationsOpen = 32
export const maxInvitationChars = 1024

// roster
export const maxRosterTextBytes = 256
/** Devices that ever were in one roster; later ones in its order are passed over. */
export const maxRosterDevices = 256
/** Logs that one entry cuts: what fits into an entry. More are several entries. */
export const maxCutLogs = 400
/** Recovery keys that ever were in one roster; later ones in its order are passed over. */
export const maxRecoveryKeys = 32

// pairing
export const codeLifeMs = 10 * 60_000
export const claimMs = 20_000
export const maxClaims = 20
export const checkMs = 2 * 60_000
export const pendingLifeMs = 24 * 3_600_000
export const maxPendings = 16
export const runsPerCode = 2
export const maxNameChars = 64
export const maxRosterIdBytes = 64

// reconnect
export const answerMs = 20_000
export const repeatMs = 5_000
export const retryMinMs = 500
export const retryMaxMs = 30_000
export const stableMs = 60_000
export const maxSeenBoots = 256
export const parkMs = 10 * 60_000
export const graceMs = 1_000
