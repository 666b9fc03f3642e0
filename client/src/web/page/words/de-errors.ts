/** Was schiefging, nach dem Code des Fehlers; die eigenen Worte des Netzes sind englisch. */
export const errors: Readonly<Record<string, string>> = {
  'already-paired': 'Die beiden sind schon gekoppelt',
  'code-busy': 'Gerade versucht ein anderes Gerät diesen Code',
  'code-dead': 'Das gilt nicht mehr: es wurde benutzt oder abgesagt',
  'code-expired': 'Der Code ist abgelaufen: lass dir einen neuen zeigen',
  'code-format': 'Das ist kein ganzer Code oder Link: lies oder kopiere ihn noch einmal',
  'code-unknown': 'Diesen Code gibt es nicht: lies ihn noch einmal ab',
  'pairing-cancelled': 'Das Koppeln wurde abgebrochen',
  'pairing-failed':
    'Koppeln gescheitert: prüfe einmal, was du getippt hast, dann nimm einen neuen Code',
  'rosters-differ':
    'Beide Geräte gehören schon zu eigenen Gruppen: koppeln kann nur eines, das noch allein ist',
  'not-paired': 'Das ist nicht für dieses Gerät, oder die beiden sind nicht gekoppelt',
  'not-permitted': 'Das darf dieses Gerät nicht',
  revoked: 'Das Gerät wurde entfernt',
  'link-closed': 'Die Verbindung ging zu',
  'link-timeout': 'Die Verbindung kam nicht zustande',
  'native-missing': 'Dieser Browser kann nicht, was Baton braucht: nimm eine neuere Fassung',
  'no-answer': 'Das andere Gerät antwortet nicht',
  'no-path':
    'Zwischen den beiden fand sich kein Weg: sind sie in einem Netz, hält sie vielleicht eine Firewall getrennt',
  'peer-offline': 'Das andere Gerät ist gerade nicht da',
  'clock-skew': 'Die Uhr dieses Geräts geht anders als die des Dienstes: stelle sie',
  'rate-limited': 'Zu viele Versuche: warte einen Augenblick',
  'signaling-full': 'Der Dienst ist voll: versuche es gleich noch einmal',
  'signaling-lost': 'Der Dienst ist weggegangen',
  'signaling-refused': 'Der Code gehört zu einem anderen Dienst als dem dieser Seite',
  'signaling-unreachable': 'Der Dienst antwortet nicht: prüfe die Verbindung',
  'store-closed': 'Der Speicher dieser Seite ist zu: lade sie neu',
  'store-corrupt': 'Was diese Seite gespeichert hat, ist beschädigt',
  'store-full':
    'Der Browser gibt dieser Seite keinen Platz mehr; was behalten ist, ist nicht verloren',
  'store-newer': 'Eine neuere Fassung dieser Seite hat das gespeichert: lade sie neu',
  'store-readonly': 'Der Browser lässt diese Seite nichts behalten: nimm ein gewöhnliches Fenster',
  'handing-over': 'Sie wird gerade übergeben',
  'not-found': 'Das gibt es hier nicht',
  'not-holder': 'Dieses Gerät hält sie nicht',
  cancelled: 'Abgebrochen',
  timeout: 'Zu spät: die Zeit dafür ist um',
  'too-large': 'Das ist zu groß',
  'unsupported-version':
    'Das andere Gerät hat eine andere Fassung: bringe beide auf denselben Stand',
}
