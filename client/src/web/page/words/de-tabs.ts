/** Tabs und Fenster eines Browsers, wie jedes eine Sitzung zeigt, und worüber Änderungen gehen. */
import { countIn } from './plural.ts'
import type { Words } from './words.ts'

const count = countIn('de')

export const channels: Words['channels'] = {
  title: 'Worüber Änderungen gehen',
  used: 'gerade in Gebrauch',
  sealed: 'versiegelt',
  open: 'nicht versiegelt: es bleibt in diesem Browser',
  down: 'nicht da',
  nothing: 'noch nichts',
  last: (when) => `zuletzt ${when}`,
  tabs: (tabs) =>
    count(
      tabs,
      'Tab dieses Browsers zeigt dieses Gerät.',
      'Tabs dieses Browsers zeigen dieses Gerät.',
    ),
  types: {
    broadcast: 'Andere Tabs, durch Rundruf',
    storage: 'Andere Tabs, durch den Speicher',
    indexeddb: 'Der Speicher dieses Geräts',
    websocket: 'Der Dienst, bei dem sich Geräte treffen; keine Sitzung geht darüber',
    webrtc: 'Andere Geräte, direkt',
  },
}

export const shown: Words['shown'] = {
  titles: {
    popup: 'Wie sie im Popup gezeigt wird',
    tab: 'Wie sie in einem Tab gezeigt wird',
    sidepanel: 'Wie sie in der Seitenleiste gezeigt wird',
    mobile: 'Wie sie auf einem Telefon gezeigt wird',
    desktop: 'Wie sie als App gezeigt wird',
    headless: 'Wie sie hier gezeigt wird',
  },
  size: 'Größe der Schrift',
  sizes: { small: 'Klein', normal: 'Mittel', large: 'Groß', larger: 'Größer' },
  others: 'Die anderen Sitzungen',
  beside: 'Daneben',
  notHere: 'Nicht hier',
}

export const preferred: Words['preferred'] = {
  unsaid: 'Was ich geschrieben und nicht gesagt habe',
  keep: 'Behalten',
  keepNote: 'Versiegelt auf diesem Gerät, auch über einen Absturz hinweg.',
  forget: 'Mit der Seite vergessen',
  frequency: 'Während ich woanders hinsehe, Gesammeltes festhalten',
  every: (seconds) => `Alle ${count(seconds, 'Sekunde', 'Sekunden')}`,
  elsewhere: 'Wenn etwas kommt, während kein Tab vorn ist',
  tell: 'Mir sagen',
  tellNote: 'Dass es kam, nie was darin steht.',
  silent: 'Nichts sagen',
  refused:
    'Der Browser hat abgelehnt. In seinen Einstellungen zu dieser Seite lässt es sich erlauben.',
  received: 'Eine Sitzung kam von einem anderen deiner Geräte.',
  asked: 'Eine Anfrage, eine Sitzung zu übergeben, wartet auf dich.',
}
