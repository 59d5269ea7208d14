import type { Profile } from '../profiles/profile.ts';

/**
 * A cluster as client-go writes it in `KUBERNETES_EXEC_INFO` (`ExecCredential.spec.cluster`), letter for letter: a caller
 * that names it so needs no second look.
 */
export type ClusterText = string;

/** What client-go says of the cluster in the kubeconfig entries that we write. */
export function clusterTextOf({ server, ca = '' }: Pick<Profile['cluster'], 'server' | 'ca'>): ClusterText {
  const authority = Buffer.from(ca, 'utf8').toString('base64');
  return goJson({
    server,
    ...(authority !== '' && { 'certificate-authority-data': authority }),
    config: null,
  });
}

// Go's encoding/json escapes these for the sake of HTML and JavaScript.
const escapedByGo = /[<>&\u2028\u2029]/g;

function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    escapedByGo,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// The same parts that source/token.sh takes off.
const clientGoCall =
  /^\{"kind":"ExecCredential","apiVersion":"client\.authentication\.k8s\.io\/v1(?:beta1)?","spec":\{"cluster":(\{.*\}),"interactive":(?:true|false)\}\}\n?$/;
const longestText = 100_000;

/** The cluster in a call that client-go wrote; undefined when it is anybody else's, or longer than a cluster is. */
export function clusterTextIn(execInfo: string): ClusterText | undefined {
  const text = clientGoCall.exec(execInfo)?.[1];
  return text !== undefined && text.length <= longestText && isOneObject(text) ? text : undefined;
}

// Two values with a comma between them would be read as one cluster here, and as none in the whole call.
function isOneObject(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
