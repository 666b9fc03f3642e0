/** Settings of this page (rule WB25): how it looks, what it answers by itself, and how its storage stands. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { HandoffPolicy } from '../../core/mesh-api.ts'
import { Channels } from './channels.tsx'
import { Choice } from './dialog.tsx'
import { bytes } from './format.ts'
import { canInstall, install } from './install.ts'
import { canNotify } from './notifying.ts'
import { prefer, preferences } from './preferences.ts'
import type { PageState } from './state.ts'
import { setTheme, theme } from './theme.ts'
import {
  choice,
  chooseLanguage,
  type Choice as LanguageChoice,
  languages,
} from './words/language.ts'
import { w } from './words/words.ts'

export function SettingsScreen({ state }: { readonly state: PageState }) {
  const t = w().settings
  return (
    <div class="page settings">
      <h1>{t.title}</h1>
      <Choice
        legend={t.language}
        name="language"
        value={choice.value}
        choices={[{ value: 'browser' as LanguageChoice, label: t.asBrowser }, ...languages]}
        onChoice={(next) => void chooseLanguage(next)}
      />
      <Choice
        legend={t.colours}
        name="theme"
        value={theme.value}
        choices={[
          { value: 'system', label: t.system },
          { value: 'light', label: t.light },
          { value: 'dark', label: t.dark },
        ]}
        onChoice={setTheme}
      />
      <Policy state={state} />
      <Preferred />
      <Storage state={state} />
      <Channels state={state} />
      {canInstall.value && (
        <section aria-labelledby="install">
          <h2 id="install">{t.app}</h2>
          <p class="quiet">{t.appWhy}</p>
          <p>
            <button type="button" class="chip" onClick={() => void install()}>
              {t.install}
            </button>
          </p>
        </section>
      )}
    </div>
  )
}

function Policy({ state }: { readonly state: PageState }) {
  const t = w().settings
  const policy = useSignal<HandoffPolicy | undefined>(undefined)
  useEffect(() => {
    state.mesh.handoffs.policy().then(
      (now) => {
        policy.value = now
      },
      () => {},
    )
  }, [])
  return (
    <Choice
      legend={t.policy}
      name="policy"
      value={policy.value}
      choices={[
        { value: 'ask', label: t.ask, note: t.askNote },
        { value: 'always', label: t.always, note: t.alwaysNote },
        { value: 'never', label: t.never },
      ]}
      onChoice={async (next) => {
        const set = await state.attempt(() => state.mesh.handoffs.setPolicy(next))
        if (set) policy.value = next
      }}
    />
  )
}

function Preferred() {
  const t = w().preferred
  const { autosave, notifications, syncFrequency } = preferences.value
  const refused = useSignal(false)
  const tells = notifications && canNotify() && Notification.permission === 'granted'
  return (
    <>
      <Choice
        legend={t.unsaid}
        name="autosave"
        value={autosave ? 'on' : 'off'}
        choices={[
          { value: 'on', label: t.keep, note: t.keepNote },
          { value: 'off', label: t.forget },
        ]}
        onChoice={(next) => prefer({ autosave: next === 'on' })}
      />
      <Choice
        legend={t.frequency}
        name="frequency"
        value={String(syncFrequency)}
        choices={frequencies.map((each) => ({
          value: String(each),
          label: t.every(each),
        }))}
        onChoice={(next) => prefer({ syncFrequency: Number(next) })}
      />
      {canNotify() && (
        <Choice
          legend={t.elsewhere}
          name="notifications"
          value={tells ? 'on' : 'off'}
          choices={[
            { value: 'on', label: t.tell, note: t.tellNote },
            { value: 'off', label: t.silent },
          ]}
          onChoice={async (next) => {
            prefer({ notifications: next === 'on' })
            if (next === 'off') return
            refused.value = (await Notification.requestPermission()) !== 'granted'
            prefer({})
          }}
        />
      )}
      {refused.value && (
        <p class="trouble" role="alert">
          {t.refused}
        </p>
      )}
    </>
  )
}

/** Seconds. */
const frequencies = [5, 30, 120]

interface Stored {
  readonly used: number | undefined
  readonly most: number | undefined
  readonly kept: boolean
}

function Storage({ state }: { readonly state: PageState }) {
  const t = w().settings
  const stored = useSignal<Stored | undefined>(undefined)
  const refused = useSignal(false)
  const look = async () => {
    const [{ usage, quota }, kept] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ])
    stored.value = { used: usage, most: quota, kept }
  }
  useEffect(() => {
    look().catch(() => {})
  }, [])
  const now = stored.value
  const self = state.status.value?.self
  return (
    <section aria-labelledby="storage">
      <h2 id="storage">{t.device}</h2>
      <p class="quiet">
        {t.key} <code>{self?.short ?? ''}</code>
        {now?.used === undefined ? '' : ` · ${t.stored(bytes(now.used))}`}
        {now?.most === undefined ? '' : ` ${t.most(bytes(now.most))}`}
      </p>
      {now?.kept === true && <p>{t.kept}</p>}
      {now?.kept === false && (
        <>
          <p class="quiet">{t.notKept}</p>
          <p>
            <button
              type="button"
              class="chip"
              onClick={async () => {
                refused.value = !(await navigator.storage.persist())
                await look()
              }}
            >
              {t.keep}
            </button>
          </p>
          {refused.value && (
            <p class="trouble" role="alert">
              {t.refused}
            </p>
          )}
        </>
      )}
    </section>
  )
}
