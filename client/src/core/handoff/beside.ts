/**
 * What was said in a session by who did not hold it then (rules LE4, HF11): kept beside its history, shown by
 * device and epoch, and made into a session of its own when somebody wants to go on with it.
 */

import { type BesideMessage, besideMessages, besideStreaming } from '@baton/shared/conflict/beside'
import { history } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { holdingReason } from '@baton/shared/conflict/leases'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { firstPlace } from '@baton/shared/log/again'
import { heldOf } from '@baton/shared/model/changes'
import type { BesideRow } from '../handoffs-api.ts'
import type { HandoffPorts } from './ports.ts'

/** Messages that are written in one batch. */
const batch = 200

interface Branch {
  readonly row: BesideRow
  /** In the order in which they were begun. */
  readonly messages: readonly BesideMessage[]
}

/** The newest epoch first, then by device. */
function branchesOf(state: DocumentState): readonly Branch[] {
  const groups = new Map<string, BesideMessage[]>()
  for (const each of besideMessages(state)) {
    const key = `${each.epoch} ${each.device}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  const branches = [...groups.values()].map((messages): Branch => {
    messages.sort(
      ({ node: { write: a } }, { node: { write: b } }) => a.stamp.ms - b.stamp.ms || a.seq - b.seq,
    )
    const [first, last] = [messages[0], messages.at(-1)] as [BesideMessage, BesideMessage]
    const { device, epoch, write } = first
    const reason =
      holdingReason(state.leases, state.holding, { ...firstPlace(write), epoch }) ?? 'fenced'
    const row: BesideRow = {
      ...{ device, epoch, reason, messages: messages.length },
      ...{ from: first.node.write.stamp.ms, to: last.node.write.stamp.ms },
    }
    return { row, messages }
  })
  return branches.sort(
    (a, b) => b.row.epoch - a.row.epoch || (a.row.device < b.row.device ? -1 : 1),
  )
}

export const besideRows = (state: DocumentState): readonly BesideRow[] =>
  branchesOf(state).map(({ row }) => row)

/** Begins a session that this device holds, with the history up to there and what was said beside it. */
export async function branchOff(
  { documents }: Pick<HandoffPorts, 'documents'>,
  state: DocumentState,
  title: string | undefined,
  of: { readonly device: DeviceId; readonly epoch: number },
): Promise<SessionId> {
  const branch = branchesOf(state).find(
    ({ row }) => row.device === of.device && row.epoch === of.epoch,
  )
  if (!branch) {
    throw new BatonError('not-found', 'failed to go on with it: nothing of that stands beside it')
  }
  const line = history(state)
  const beside = branch.messages.map(({ node }) => node)
  const parent = beside[0]?.parent
  const leaves = line.findIndex(({ id }) => id === parent)
  const nodes = [...line.slice(0, leaves + 1), ...beside]
  const streaming = besideStreaming(state, of.device)
  const said = (await documents.read(nodes, streaming)).filter(({ redacted }) => !redacted)
  const fresh = await documents.create('agent', { title: `${title ?? 'a session'}, a branch` })
  for (let at = 0; at < said.length; at += batch) {
    await fresh.change(
      said.slice(at, at + batch).map(({ id, value }, i) => ({
        ...{ kind: 'message' as const, id, parent: said[at + i - 1]?.id, consumes: undefined },
        held: heldOf(value),
      })),
    )
  }
  return fresh.session
}
