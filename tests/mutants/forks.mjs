/** Logs that forked, what is said again of them, and the judgements of simulated histories. */
const unit = (...tests) => ({ tests, project: 'unit' })
const exchange = unit('tests/client/core/exchange/forks.test.ts')
const twins = unit('tests/client/core/forks.test.ts')
const again = unit('tests/client/core/said-again.test.ts')
const judged = { tests: ['tests/mesh/guarantees.test.ts'], project: 'mesh' }
const forks = 'client/src/core/repo/forks.ts'
const guarantees = 'tests/sim/guarantees.ts'

export const mutants = [
  {
    rule: 'LG14',
    file: 'shared/src/log/fork.ts',
    from: 'if (compareFirst(one, other) >= 0) return false',
    to: '',
    ...unit('tests/shared/log/fork.test.ts'),
  },
  {
    rule: 'FK1',
    file: forks,
    from: 'after.seq < (known.get(log)?.after.seq ?? Number.POSITIVE_INFINITY)',
    to: 'after.seq > (known.get(log)?.after.seq ?? -1)',
    ...exchange,
  },
  {
    rule: 'FK1',
    file: forks,
    from: `    await store.write([{ put: forkKey(log), value: encodeFork(proof) }])
    await store.flush()
    // Another`,
    to: '    // Another',
    ...exchange,
  },
  {
    rule: 'FK2',
    file: 'client/src/core/repo/receiving.ts',
    from: 'lastSeq(delta) === held.seq && !equalBytes(delta.signature, held.signature)',
    to: 'false',
    ...exchange,
  },
  {
    rule: 'SY7',
    file: 'shared/src/protocol/sync.ts',
    from: 'if (seq <= held && seq > view.acked(log))',
    to: 'if (seq > view.acked(log))',
    ...unit('tests/shared/protocol/sync.test.ts'),
  },
  {
    rule: 'FK3',
    file: 'client/src/core/exchange/forking.ts',
    from: 'if (!ports.knows(device, session) || !ports.accepts(session, device)) return',
    to: '',
    ...exchange,
  },
  {
    rule: 'FK4',
    file: 'client/src/core/exchange/outgoing.ts',
    from: 'if (fork && run.after >= fork.after.seq) break',
    to: '',
    ...exchange,
  },
  {
    rule: 'RP3',
    file: 'client/src/core/repo/repository.ts',
    from: 'const release = receiving.hold(ends.values())',
    to: 'const release = () => undefined',
    ...unit('tests/client/core/repo/copies.test.ts'),
  },
  {
    rule: 'FK6',
    file: 'client/src/core/repo/cuts.ts',
    from: "reason === 'forked' ? { seq, reason, agreed: seq } : { seq, reason }",
    to: "reason === 'forked' ? { seq: seq - 1, reason, agreed: seq } : { seq, reason }",
    ...twins,
  },
  {
    rule: 'FK7',
    file: 'client/src/core/repo/republishing.ts',
    from: 'for (const each of entries) line.say(to, each, said.has(depKey(each.place)))',
    to: 'for (const each of entries) line.say(to, each, false)',
    ...twins,
  },
  {
    rule: 'FK7',
    file: 'client/src/core/repo/republishing.ts',
    from: 'return again ? deps : [...own, ...deps].slice(0, maxDeps)',
    to: 'return deps',
    ...twins,
  },
  {
    rule: 'FK7',
    file: 'shared/src/conflict/register.ts',
    from: 'if (!write.again) cover(covered, write.log, write.seq - 1)',
    to: 'cover(covered, write.log, write.seq - 1)',
    ...twins,
  },
  {
    rule: 'FK7',
    file: 'shared/src/conflict/register.ts',
    from: '    register.seen ??= new Set()\n    register.seen.add(place)',
    to: '',
    ...twins,
  },
  {
    rule: 'FK7',
    file: 'client/src/core/repo/writers.ts',
    from: 'if (!predecessorHash) return drawn',
    to: 'return drawn',
    ...twins,
  },
  {
    rule: 'FK7',
    file: 'shared/src/conflict/piece-index.ts',
    from: 'point = standing(state.again, file, point)',
    to: '',
    ...again,
  },
  {
    rule: 'FK7',
    file: 'shared/src/conflict/redacted.ts',
    from: 'const isHidden = cutReason(state.cuts, place.log, place.seq) !== undefined',
    to: 'const isHidden = false',
    ...again,
  },
  {
    rule: 'FK8',
    file: 'shared/src/conflict/document-fold.ts',
    from: 'if (!isGone(state, log, entry.again)) {',
    to: 'if (kind === -9) {',
    ...again,
  },
  {
    rule: 'FK9',
    file: 'client/src/core/forks.ts',
    from: 'if (isNews) ports.told(device)',
    to: '',
    ...twins,
  },
  {
    rule: 'SM3',
    file: guarantees,
    from: 'if (look.process !== process || look.step <= step) continue',
    to: 'continue',
    ...judged,
  },
  {
    rule: 'SM3',
    file: guarantees,
    from: 'keys.find((key) => judged(history, key) && !isShown(nodes, shown, key))',
    to: 'undefined',
    ...judged,
  },
  {
    rule: 'SM3',
    file: guarantees,
    from: 'items.has(one) !== items.has(other)',
    to: 'false',
    ...judged,
  },
  {
    rule: 'SM3',
    file: guarantees,
    from: '(item) => !written.has(item)',
    to: '() => false',
    ...judged,
  },
  {
    rule: 'SM3',
    file: 'tests/sim/history.ts',
    from: 'known !== hash && !cloned.has(splitLogId(log).device)',
    to: 'false',
    ...judged,
  },
  {
    rule: 'FK10',
    file: 'client/src/core/hidden-desk.ts',
    from: 'return isNews ? 1 : 0',
    to: 'return 1',
    tests: ['tests/client/core/hidden-desk.test.ts'],
    project: 'unit',
  },
  {
    rule: 'FK10',
    file: 'client/src/core/repo/republishing.ts',
    from: 'if (!said.has(depKey(each.place)) && saysSomething(each.entry)) count += 1',
    to: 'count += 1',
    tests: ['tests/client/core/hidden-desk.test.ts'],
    project: 'unit',
  },
  {
    rule: 'CL19',
    file: 'client/src/node/cli/hidden.ts',
    from: 'if (more.length === 0) return found',
    to: 'return found',
    tests: ['tests/client/node/cli/hidden.test.ts'],
    project: 'unit',
  },
]
