/**
 * The mesh: everything a device does, over its ports (rules ME). Surfaces see only mesh-api.ts; this
 * file wires the rooms together and holds no protocol of its own.
 */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, deviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { createAhead } from './ahead/desk.ts'
import { createArchives } from './archive/archives.ts'
import { checkPairing } from './authority.ts'
import { createCheckpoints } from './checkpoints/checkpoints.ts'
import { answerTrail, trailMethod } from './checkpoints/trails.ts'
import { openContact } from './contact/contact.ts'
import { createDeviceNews } from './device-news.ts'
import { openDevices } from './devices.ts'
import { createConflictDesk } from './documents/desk.ts'
import { createDocuments } from './documents/documents.ts'
import { createDrivenDesk } from './driven/desk.ts'
import { traceFault } from './fault.ts'
import { createFollower } from './follower.ts'
import { createForkCare } from './forks.ts'
import { freshRandom } from './fresh-random.ts'
import { createGuestCare } from './guests.ts'
import { openHandoffs } from './handoff/handoffs.ts'
import { createPlaces } from './handoff/places.ts'
import { handoffMethod } from './handoff/ports.ts'
import { createHiddenDesk } from './hidden-desk.ts'
import { createLanes } from './lanes.ts'
import { createLinks } from './links.ts'
import { createMembership } from './membership.ts'
import type { Mesh, MeshEvent } from './mesh-api.ts'
import type { MeshOptions, MeshPorts } from './mesh-ports.ts'
import { besideNotices, diskNotice, forkNotice } from './notices.ts'
import { keyringPairMemory } from './pairing/keyring-memory.ts'
import type { PairRecord } from './pairing/memory.ts'
import { createPairing } from './pairing/pairing.ts'
import { createPairTasks, type Guest } from './pairing/tasks.ts'
import { createPresence } from './presence.ts'
import { createCuts } from './repo/cuts.ts'
import { openRepository } from './repo/repository.ts'
import { createRows } from './rows.ts'
import { openSeen } from './seen.ts'
import { watchService } from './service-state.ts'
import { watchSessions } from './session-news.ts'
import { createCut } from './sessions/cut.ts'
import { deliverMethod } from './sessions/delivery.ts'
import { createImporter } from './sessions/importer.ts'
import { createLibrary } from './sessions/library.ts'
import { createMerging } from './sessions/merging.ts'
import { createMoving } from './sessions/moving.ts'
import { createPlacing } from './sessions/placing.ts'
import { createProjections } from './sessions/projections.ts'
import { createReceipts } from './sessions/receipts.ts'
import { createReceiver } from './sessions/receiver.ts'
import { createSender } from './sessions/sender.ts'
import { openSharing } from './sessions/sharing.ts'
import { createShow } from './sessions/show.ts'
import { createTaking } from './sessions/taking.ts'
import { createTranscripts } from './sessions/transcripts.ts'
import { createInvitations } from './visits.ts'
import { createWhoMay } from './who-may.ts'

export type { MeshOptions, MeshPorts } from './mesh-ports.ts'

export async function createMesh(given: MeshPorts, options: MeshOptions): Promise<Mesh> {
  const random = freshRandom(given.random)
  const ports = { ...given, random }
  const { store, keyring, primitives, clock, trace, sources, rendezvous } = ports
  const { sha256 } = primitives
  const self = deviceId(keyring.device)
  const watchers = new Set<(event: MeshEvent) => void>()
  const tell = (event: MeshEvent) => {
    for (const watcher of [...watchers]) watcher(event)
  }

  const repository = await openRepository(ports)
  const devices = await openDevices({ repository, ...ports, ...options })
  const memory = keyringPairMemory(keyring)
  const cuts = createCuts()
  const transcripts = createTranscripts(repository, cuts, store, primitives, (session) =>
    documents.state(session),
  )
  const projections = createProjections(store, sha256)
  const sharing = await openSharing({ repository, cuts, sha256, isOwn: devices.isMember })
  const ahead = createAhead({ ...ports, repository })
  const presence = createPresence(self, clock)
  const seen = await openSeen(store, clock)
  const documents = createDocuments({ ...ports, repository, cuts, sharing, ahead, presence })
  const forks = createForkCare({
    ...ports,
    repository,
    cuts,
    transcripts,
    told: (device) => tell(forkNotice(device === self, rows.device(device)?.name)),
  })
  const places = createPlaces()
  const receipts = createReceipts(store, primitives, trace)
  const inTurn = createLanes<SessionId>()
  const placing = createPlacing({ ...ports, repository, transcripts, projections, inTurn })
  const merging = createMerging({ repository, transcripts, placing, sha256, trace })
  const importer = createImporter({
    ...{ ...ports, repository, transcripts, projections, inTurn },
    beside: (session) => wentOn(session),
  })
  const library = createLibrary({
    ...ports,
    ...{ repository, transcripts, projections, sharing, documents, sha256 },
  })
  const taking = createTaking({ library, importer })
  const paired = new Map<DeviceId, PairRecord>()
  const guests = new Map<DeviceId, Guest>()
  const sourceOf = (agent: string) => sources.find((source) => source.agent === agent)

  const receive = createReceiver({
    ...{ ...ports, repository, transcripts, placing, merging, sharing, receipts, sourceOf },
    refresh: ({ session }) => taking.session(session, { thorough: true }),
    where: places.wanted,
    received(receipt, placed) {
      tell({ kind: 'received', receipt, placed: placed?.path })
      if (placed) places.came(receipt.session, placed)
      void follower.watch(receipt.session)
    },
  })

  const may = createWhoMay({ self, devices, sharing, paired, guests })
  const contactPorts = { ...ports, memory, verify: primitives.verify }
  const links = createLinks({
    ...ports,
    repository,
    ...{ ahead, presence, seen },
    self,
    openContact: (record, hooks, link) => openContact(contactPorts, record, hooks, link),
    ...may,
    removed: devices.isShut,
    onDiskTrouble: (code) => tell(diskNotice(code)),
    async answer(device, method, body) {
      if (method === deliverMethod && may.mayDeliver(device)) return receive(device, body)
      if (method === handoffMethod) return handoffs.receive(device, body)
      if (method === trailMethod) return answerTrail({ repository, sharing }, device, body)
      throw new BatonError('unsupported-version', 'the other device does not know this question')
    },
  })
  const follower = createFollower({
    ...ports,
    ...{ self, library, placing, transcripts, sharing, taking, sourceOf },
  })

  sharing.onChange((session) => {
    links.grew(session)
    links.reconsider()
  })
  watchSessions({
    sharing,
    rowOf: library.row,
    tell: (session) => tell({ kind: 'session', session }),
    failed: (error) => traceFault(trace, 'session.news', error),
  })
  repository.onGrew((session, log, own) => {
    links.grew(session)
    if (session === devices.session()) {
      if (!own) void membership.read()
    } else if (!own && splitLogId(log).device !== self) follower.received(session)
  })

  const send = createSender({
    ...{ ...ports, repository, transcripts, sharing, receipts },
    knows: may.reaches,
    async take(ref, how) {
      const session = await taking.ref(ref, { ...how, thorough: true })
      void follower.watch(session)
      return session
    },
    cut: createCut({ transcripts, projections, library }),
    reach: links.reach,
    acked: links.acked,
    ackedBytes: links.ackedBytes,
    onChange: (run) => links.onChange(run),
    grew: links.grew,
  })

  const moving = createMoving({
    ...{ self, sha256, sharing, transcripts, projections, library, importer, placing },
    ...{ send, sourceOf },
  })
  const wentOn = besideNotices({
    ...{ trace, tell, state: transcripts.state, name: (device) => rows.device(device)?.name },
    title: (session) => sharing.descriptor(session)?.title,
  })
  const notice = (message: string) => tell({ kind: 'notice', message })
  const visitors = createGuestCare({ guests, links, isGuest: may.isGuest, notice })
  // One that was never shared is taken from its agent's files first.
  const named = async (ref: string) =>
    (await library.resolve(ref)).session ?? (await taking.ref(ref))
  const handoffs = await openHandoffs({
    // A platform without agents' files leaves them to those that have them.
    ...{ moving: sources.length > 0 ? moving : undefined, places },
    ...{ ...ports, self, repository, documents, sharing, cuts },
    ...{ knows: may.reaches, reach: links.reach },
    ...{ onLinks: (run) => links.onChange(run), grew: links.grew, receipts },
    ...{ isRemoved: devices.isRemoved, isGuest: may.isGuest, isOutside: may.isOutside },
    ...{ admit: visitors.admit, endGuest: visitors.end },
    roots: () => [...paired].map(([device, { root }]) => [device, root]),
    ackedTo: links.ackedTo,
    capabilities: options.record.capabilities.flatMap((each) => (each.supported ? each.name : [])),
    named,
    title: (session) => sharing.descriptor(session)?.title,
  })
  handoffs.onChange((handoff) => tell({ kind: 'handoff', handoff }))

  const pairing = createPairing(contactPorts, {
    identity: async (takesIn) => {
      checkPairing(devices.roster(), self, takesIn)
      return { name: options.name, platform: options.platform, roster: devices.facts() }
    },
    commitAdd: (peer) => devices.add(peer),
    adoptRoster: (roster) => devices.adopt(roster),
    isMember: async (device) => devices.isMember(deviceId(device)),
    recovered: () =>
      void membership.meet().catch((error: unknown) => traceFault(trace, 'pairing.memory', error)),
  })

  const service = watchService(ports, (state) =>
    tell({ kind: 'signaling', state, server: rendezvous.server }),
  )
  const rows = createRows({
    ...{ ...ports, ...options, service, self, repository, devices, paired, guests },
    ...{ links, library, sharing, forks, ahead, presence },
  })
  const deviceNews = createDeviceNews(rows.device, (device) => tell({ kind: 'device', device }))
  links.onChange(deviceNews)
  presence.onChange(deviceNews)
  const membership = createMembership({
    ...ports,
    ...{ self, devices, repository, cuts, memory, paired, guests, links, sharing },
    news: deviceNews,
    notice,
  })
  const driven = createDrivenDesk({ ...ports, self, documents, library, sharing })
  const pairTasks = createPairTasks({
    ...{ pairing, memory, paired, guests, links, left: visitors.left },
    row: (device) => rows.device(device),
  })
  const invitations = createInvitations({ handoffs, pairTasks, trace, named, end: visitors.end })

  await pairing.resume()
  await membership.begin()
  // Cuts hold by now, and who was removed is known.
  const checkpoints = await createCheckpoints({
    ...ports,
    ...{ repository, cuts, sharing, documents, links, devices },
  })
  await follower.start()

  return {
    self,
    documents,
    handoffs,
    invitations,
    archives: createArchives({ ...ports, repository, taking, devices, sharing, paired, placing }),
    ...createConflictDesk({ documents, library, sharing }),
    ...createHiddenDesk({ self, repository, cuts, documents, forks, library, sha256 }),
    devices: async () => rows.devices(),
    rename: membership.rename,
    remove: async (device) => (visitors.end(device) ? undefined : membership.remove(device)),
    setRole: membership.setRole,
    recovery: membership.recovery,
    invite: pairTasks.invite,
    join: pairTasks.join,
    sessions: () => library.rows(),
    show: createShow({
      ...{ library, transcripts, sha256, sourceOf, taking, self, documents, sharing },
    }),
    driven,
    send,
    receipts: () => receipts.all(),
    status: () => rows.status(),
    watch(handler) {
      watchers.add(handler)
      return () => watchers.delete(handler)
    },
    async close() {
      service.close()
      follower.close()
      forks.close()
      handoffs.close()
      checkpoints.close()
      await pairing.close()
      await links.close()
      await driven.close()
      await checkpoints.settled()
      await documents.close()
      ahead.close()
      presence.close()
      seen.close()
      await store.flush()
    },
  }
}
