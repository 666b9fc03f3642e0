/** Agents' sessions and documents of a device, and what its commands say of them. */
const core = 'client/src/core'
const unit = (...names) => ({
  tests: names.map((name) => `tests/client/core/${name}.test.ts`),
  project: 'unit',
})
const cli = (name) => ({ tests: [`tests/client/node/cli/${name}.test.ts`], project: 'unit' })

export const mutants = [
  {
    rule: 'SD13',
    file: `${core}/exchange/acks.ts`,
    from: 'acks.get(log) >= Math.min(seq, repository.durable(log))',
    to: 'acks.get(log) >= seq',
    ...unit('sessions/sender-third'),
  },
  {
    rule: 'BR8',
    file: `${core}/sessions/transcripts.ts`,
    from: 'uncached.set(folded, taken)\n',
    to: '',
    ...unit('sessions/transcripts'),
  },
  {
    rule: 'BR8',
    file: `${core}/sessions/transcripts.ts`,
    from: 'if (value.length > maxCacheBytes) return',
    to: 'if (value.length < maxCacheBytes) return',
    ...unit('sessions/transcripts'),
  },
  {
    rule: 'BR9',
    file: `${core}/sessions/merging.ts`,
    from: 'if (!(await goesOn(session, theirs)))',
    to: 'if (theirs.branch.files.length === 0)',
    tests: ['tests/mesh/whole.test.ts'],
    project: 'mesh',
  },
  {
    rule: 'BR10',
    file: `${core}/repo/folds.ts`,
    from: 'if (state && fold.seq(state, log) === after) fold.take(state, log, entries, hashes)',
    to: 'if (state) fold.take(state, log, entries, hashes)',
    ...unit('sessions/transcripts'),
  },
  {
    rule: 'BR10',
    file: `${core}/repo/folds.ts`,
    from: '!fold.begin || repository.heads(session).some((head) => head.log !== log)',
    to: '!fold.begin',
    ...unit('sessions/transcripts'),
  },
  {
    rule: 'BR10',
    file: `${core}/repo/folds.ts`,
    from: 'const oldest = kept.keys().next().value',
    to: 'const oldest = [...kept.keys()].at(-2)',
    ...unit('sessions/transcripts'),
  },
  {
    rule: 'BR10',
    file: `${core}/repo/repository.ts`,
    from: `    for (const { delta } of grown) {
      const entries = stored.size > 0 ? [...entriesOf(delta)] : []
      for (const handler of stored) handler(log, entries, delta.hashes)
    }
    const { session } = splitLogId(log)
    for (const handler of [...told]) handler(session, log, own)
`,
    to: `    const { session } = splitLogId(log)
    for (const handler of [...told]) handler(session, log, own)
    for (const { delta } of grown) {
      const entries = stored.size > 0 ? [...entriesOf(delta)] : []
      for (const handler of stored) handler(log, entries, delta.hashes)
    }
`,
    ...unit('repo/writing'),
  },
  {
    rule: 'BR11',
    file: `${core}/sessions/transcripts.ts`,
    from: 'if (!samePoint(point, history.end)) throw damaged()\n',
    to: '',
    ...unit('sessions/damaged-disk'),
  },
  {
    rule: 'BR11',
    file: `${core}/sessions/transcripts.ts`,
    from: 'if (!equalBytes(sha256(bytes), hash)) throw damaged()\n',
    to: '',
    ...unit('sessions/damaged-disk'),
  },
  {
    rule: 'BR11',
    file: `${core}/sessions/transcripts.ts`,
    from: 'if (!equalBytes(hasher.digest(), history.sha256)) throw damaged()',
    to: '',
    ...unit('sessions/damaged-disk'),
  },
  {
    rule: 'BR11',
    file: `${core}/sessions/receiver.ts`,
    from: 'if (carryOnly || merges) await readBack()',
    to: 'if (carryOnly) await readBack()',
    ...unit('sessions/damaged-disk'),
  },
  {
    rule: 'BR11',
    file: `${core}/sessions/receiver.ts`,
    from: 'if (!outcome.placed) await readBack()\n',
    to: '',
    ...unit('sessions/damaged-disk'),
  },
  {
    rule: 'BR11',
    file: `${core}/sessions/outcome.ts`,
    from: 'throw unreadable(error)',
    to: 'throw error',
    ...unit('sessions/damaged-disk'),
  },
  {
    rule: 'DC1',
    file: `${core}/documents/appending.ts`,
    from: 'to.append(kind, payload, sawOf(state, change, to.log))',
    to: 'to.append(kind, payload)',
    ...unit('documents/documents'),
  },
  {
    rule: 'DC2',
    file: `${core}/documents/appending.ts`,
    from: 'rows.push(...blobs.rows(blob, bytes))\n',
    to: '',
    ...unit('documents/documents'),
  },
  {
    rule: 'DC3',
    file: `${core}/repo/entries-at.ts`,
    from: 'following === undefined || following > last + delta.bodies.length',
    to: 'following === undefined && last < 0',
    ...unit('documents/documents'),
  },
  {
    rule: 'DC4',
    file: `${core}/documents/refusals.ts`,
    from: 'if (seen.writers.has(device)) return',
    to: 'if (seen.writers.size > 0) return',
    ...unit('documents/documents'),
  },
  {
    rule: 'DC5',
    file: `${core}/documents/watching.ts`,
    from: 'those.delete(watcher)\n',
    to: '',
    ...unit('documents/documents'),
  },
  {
    rule: 'DC6',
    file: `${core}/documents/documents.ts`,
    from: 'folded.logs.get(log)?.hash ?? hash, hash',
    to: 'hash, hash',
    ...unit('documents/documents'),
  },
  {
    rule: 'CR1',
    file: `${core}/documents/documents.ts`,
    from: 'return field && (await readHeld(repository, shownOf(now, field)))',
    to: 'const held = field?.register.live.at(-1)?.held\n        return held && (await readHeld(repository, held))',
    ...unit('documents/strategies'),
  },
  {
    rule: 'CR2',
    file: `${core}/documents/conflict-rows.ts`,
    from: 'const seen = [chosen.id, ...others.map(({ id }) => id)]',
    to: 'const seen = [chosen.id]',
    ...unit('documents/strategies'),
  },
  {
    rule: 'CR3',
    file: `${core}/documents/conflict-rows.ts`,
    from: "if (strategy === 'user_choice') throw onlySides()\n",
    to: '',
    ...unit('documents/strategies'),
  },
  {
    rule: 'CR4',
    file: `${core}/documents/conflict-rows.ts`,
    from: "conflict.kind === 'field' ? conflict.path :",
    to: "conflict.kind === 'field' ? conflict.candidates.map(({ seq }) => String(seq)) :",
    ...unit('documents/strategies'),
  },
  {
    rule: 'CR5',
    file: `${core}/documents/conflict-rows.ts`,
    from: 'idOf(sha256, each).startsWith(ref)',
    to: 'idOf(sha256, each) === ref',
    ...unit('documents/strategies'),
  },
  {
    rule: 'CL14',
    file: 'client/src/node/cli/conflicts.ts',
    from: 'side: side - 1',
    to: 'side',
    ...cli('conflicts'),
  },
  {
    rule: 'CL14',
    file: 'client/src/node/cli/conflicts.ts',
    from: 'side < 1',
    to: 'side < 0',
    ...cli('conflicts'),
  },
  {
    rule: 'CL14',
    file: 'client/src/node/cli/conflicts.ts',
    from: "if (given.length > 1) throw usage('only one of --take, --value and --delete can be given')",
    to: '',
    ...cli('conflicts'),
  },
  {
    rule: 'CL14',
    file: 'client/src/node/cli/conflicts.ts',
    from: "kind === 'field' && strategy !== 'user_choice'",
    to: "kind === 'field'",
    ...cli('conflicts'),
  },
  {
    rule: 'IM1',
    file: `${core}/sessions/importer.ts`,
    from: 'if (!first.diverged) return first.report',
    to: 'if (first.report.records >= 0) return first.report',
    tests: ['tests/mesh/whole.test.ts'],
    project: 'mesh',
  },
  {
    rule: 'IM3',
    file: `${core}/sessions/importer.ts`,
    from: 'await commits.over()\n',
    to: '',
    ...unit('sessions/importer'),
  },
  {
    rule: 'IM3',
    file: `${core}/sessions/commits.ts`,
    from: 'if (failure !== undefined) throw failure\n',
    to: '',
    ...unit('sessions/importer'),
  },
  {
    rule: 'IM7',
    file: `${core}/sessions/importer.ts`,
    from: 'return bySession(opened[0].session, async () => {',
    to: 'return ((_session, run) => run())(opened[0].session, async () => {',
    ...unit('sessions/two-files'),
  },
  {
    rule: 'PJ1',
    file: `${core}/sessions/placing.ts`,
    from: '...(other ? {',
    to: '...(other && before ? {',
    ...unit('sessions/placing'),
  },
  {
    rule: 'GR1',
    file: `${core}/sessions/sharing.ts`,
    from: 'if (counts(facts, said) && facts.rights.take(device, grant)) tell(session, facts)',
    to: 'if (facts.author && facts.rights.take(facts.author, grant)) tell(session, facts)',
    ...unit('sessions/sharing'),
  },
  {
    rule: 'GR2',
    file: `${core}/sessions/sharing.ts`,
    from: "if (right(session, self) !== 'full') {",
    to: 'if (author === undefined) {',
    ...unit('sessions/sharing'),
  },
  {
    rule: 'GR3',
    file: `${core}/sessions/sharing.ts`,
    from: "return facts.rights.has.get(writer) === 'full' || facts.members.has(peer)",
    to: 'return writer === facts.author || facts.members.has(peer)',
    ...unit('handoff/handing-on'),
  },
  {
    rule: 'GR6',
    file: `${core}/sessions/sharing.ts`,
    from: "return reason === undefined || reason === 'forked'",
    to: 'return true',
    ...unit('handoff/handing-on'),
  },
  {
    rule: 'GR5',
    file: `${core}/sessions/sharing.ts`,
    from: 'if (device && ports.isOwn(device)) return',
    to: 'return',
    ...unit('handoff/handing-on'),
  },
]
