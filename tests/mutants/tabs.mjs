/** Pages of one origin: who leads, what they tell each other, and what each mode keeps. */
const unit = (name) => ({ tests: [`tests/client/core/${name}.test.ts`], project: 'unit' })
const leading = { file: 'client/src/core/tabs/leading.ts', ...unit('tabs/leading') }
const messages = { file: 'client/src/core/tabs/messages.ts', ...unit('tabs/messages') }
const asked = { file: 'client/src/core/tabs/asked.ts', ...unit('tabs/room') }
const room = { file: 'client/src/core/tabs/room.ts', ...unit('tabs/room') }
const flushing = { file: 'client/src/core/tabs/flushing.ts', ...unit('tabs/flushing') }

export const mutants = [
  {
    rule: 'WB4',
    from: "if (role !== 'waiting' && role !== 'taking') return [state, []]",
    to: '',
    ...leading,
  },
  { rule: 'WB29', from: 'if (left < 0) return false', to: '', ...messages },
  { rule: 'WB29', from: 'if (depth >= maxTabDepth) return false', to: '', ...messages },
  {
    rule: 'WB29',
    from: 'if (kind !== Object.prototype && kind !== null) return false',
    to: '',
    ...messages,
  },
  {
    rule: 'WB29',
    from: 'if (byLeader) asking.heard(message)',
    to: 'asking.heard(message)',
    ...room,
  },
  {
    rule: 'WB30',
    from: "leads ? effects('gone', 'pass', 'close', 'release')",
    to: "leads ? effects('gone', 'pass', 'release')",
    ...leading,
  },
  { rule: 'WB30', from: 'patience: patience * 2', to: 'patience', ...leading },
  {
    rule: 'WB30',
    from: 'if (term > 0 && term < state.term) return [state, []]',
    to: '',
    ...leading,
  },
  { rule: 'WB30', from: 'for (const stop of [...switches]) stop()', to: '', ...asked },
  { rule: 'WB31', from: 'if (!calls[name].again) throw unknown()', to: '', ...asked },
  { rule: 'WB31', from: "then === 'skips' ? told : 0", to: '0', ...asked },
  {
    rule: 'WB31',
    file: 'client/src/core/driven/desk.ts',
    from: '(messages.has(id) || inbox.has(id))',
    to: 'messages.has(id)',
    ...unit('driven/desk'),
  },
  {
    rule: 'WB32',
    from: 'front ? frontFlushMs : behindMs, flush',
    to: 'behindMs, flush',
    ...flushing,
  },
  { rule: 'WB32', from: 'if (changes) flush()', to: '', ...flushing },
  {
    rule: 'WB34',
    file: 'client/src/core/tabs/modes.ts',
    from: '{ ...adaptUIStateForMode(own(active), mode), ...chosenIn(mode) }',
    to: 'own(mode)',
    ...unit('tabs/modes'),
  },
  {
    rule: 'WB35',
    file: 'client/src/core/tabs/channels.ts',
    from: 'up && type === each',
    to: 'type === each',
    ...unit('tabs/channels'),
  },
]
