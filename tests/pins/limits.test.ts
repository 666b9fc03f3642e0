/** HO5: every bound of the project, frozen: peers of other versions count on most of them. */
import * as limits from '@baton/shared/limits'
import { expect, it } from 'vitest'

/** Whoever changes a number here says why in the commit, and what an older peer makes of it. */
const pinned = {
  // encoding
  maxDepth: 32,
  maxInlineBytes: 32_768,
  maxDecodeBytes: 16_777_216,
  maxDecodeValues: 32_768,
  // log
  segmentBytes: 65_536,
  segmentEntries: 256,
  maxEntryBytes: 36_864,
  maxDeltaBytes: 118_784,
  joinedEntries: 2048,
  maxDeps: 40,
  maxForkPath: 4096,
  blobChunkBytes: 65_536,
  // clock
  maxClockAheadMs: 60_000,
  clockReserveMs: 1000,
  // signals
  maxSdpChars: 16_384,
  maxSdpLines: 128,
  maxCandidates: 40,
  maxCandidateChars: 512,
  // link: frames
  maxMessageBytes: 1_048_576,
  maxFrameBytes: 65_536,
  framePayloadBytes: 16_384,
  minFrameBytes: 2048,
  frameMs: 25,
  frameCostBytes: 32,
  maxReasonChars: 100,
  reorderFrames: 32,
  holeMs: 2000,
  partialIdleMs: 30_000,
  // link: a peer that has not been admitted
  strangerFrames: 4,
  strangerBytes: 4096,
  strangerSignals: 32,
  strangerMs: 5000,
  // link: flow
  windowBytes: 262_144,
  minWindowBytes: 65_536,
  maxWindowBytes: 4_194_304,
  laneQueueBytes: 1_048_576,
  burstBytes: 262_144,
  liveFramesPerBulk: 4,
  // link: round trip and life
  bigFrameInflationMs: 20,
  growInflationMs: 30,
  shrinkInflationMs: 150,
  loadProbeMs: 250,
  loadProbeBytes: 65_536,
  pingActiveMs: 2000,
  pingIdleMs: 10_000,
  activeMs: 30_000,
  suspectMs: 6000,
  restartEveryMs: 4000,
  tailMisses: 3,
  downMs: 15_000,
  clockJumpMs: 5000,
  // link: close
  drainMs: 2000,
  byeMs: 500,
  // signaling: what one object holds (security 7); the service's own totals are its operator's
  maxBlobBytes: 32_768,
  maxQueueMessages: 64,
  maxQueueBytes: 262_144,
  sidBytes: 16,
  mailboxBytes: 16,
  slotLifeMs: 600_000,
  slotClaims: 20,
  slotGraceMs: 20_000,
  mailboxLifeMs: 120_000,
  challengeLifeMs: 30_000,
  pollWaitMs: 25_000,
  streamHelloMs: 5000,
  streamPingMs: 25_000,
  streamDeadMs: 60_000,
  maxRequestChars: 49_152,
  maxEventsChars: 524_288,
  // store
  maxStoreKeyBytes: 512,
  maxStoreValueBytes: 16_777_216,
  // keyring
  maxSecretBytes: 4096,
  // key exchange
  codeWords: 3,
  maxNameplateDigits: 9,
  maxCodeChars: 512,
  maxServerChars: 256,
  qrSecretBytes: 16,
  sealedSizes: [1024, 4096, 16_384, 32_768],
  maxVerifyKeysCached: 256,
  // mailboxes
  mailboxHourMs: 3_600_000,
  rollMarginMs: 300_000,
  widenAfterMs: 60_000,
  // sync
  maxSharedSessions: 10_000,
  maxLogsPerSession: 4096,
  maxWants: 256,
  maxAskBytes: 524_288,
  maxOpenAsks: 64,
  maxOwedBytes: 67_108_864,
  maxGaps: 4096,
  maxRefusedLogs: 8,
  diskRetryMs: 30_000,
  troubleTellMs: 1000,
  packBytes: 4_096,
  maxUnfolded: 16,
  batchBytes: 262_144,
  maxBatchBytes: 380_928,
  runsBytes: 65_536,
  maxRuns: 8,
  maxContentBytes: 67_108_864,
  // sources
  maxSidecars: 10_000,
  maxTitleChars: 120,
  maxShownChars: 400,
  // documents
  maxPathSegments: 8,
  maxPathChars: 16_384,
  maxIdChars: 1024,
  maxEpoch: 281_474_976_710_656,
  maxWaitingPerLog: 64,
  maxWaitingBytes: 37_748_736,
  // roster
  maxRosterTextBytes: 256,
  // pairing
  codeLifeMs: 600_000,
  claimMs: 20_000,
  maxClaims: 20,
  checkMs: 120_000,
  pendingLifeMs: 86_400_000,
  maxPendings: 16,
  runsPerCode: 2,
  maxNameChars: 64,
  maxRosterIdBytes: 64,
  // reconnect
  answerMs: 20_000,
  repeatMs: 5000,
  retryMinMs: 500,
  retryMaxMs: 30_000,
  stableMs: 60_000,
  maxSeenBoots: 256,
  parkMs: 600_000,
  graceMs: 1000,
}

it('HO5 no limit changes by accident, comes or goes', () => {
  expect({ ...limits }).toEqual(pinned)
})
