import { X509Certificate } from 'node:crypto';
import type { Finding } from '../finding.ts';
import type { Landscape } from '../landscape.ts';
import { finding, quoted, userSubject } from './rule.ts';

/** Groups bound to cluster-admin by Kubernetes itself, and by kubeadm since 1.29. */
const adminGroups = ['system:masters', 'kubeadm:cluster-admins'];

/** The certificate's organizations are its groups (Kubernetes, X.509 client certificates). */
export function adminCertificates({ users }: Landscape): Finding[] {
  return users.flatMap(user => {
    const certificate = user.certificate === undefined ? undefined : readCertificate(user.certificate);
    const group = adminGroups.find(name => certificate?.subject.split('\n').includes(`O=${name}`));
    if (certificate === undefined || group === undefined) return [];
    const field =
      user.entry.content['client-certificate-data'] === undefined
        ? 'client-certificate'
        : 'client-certificate-data';
    const end = new Date(certificate.validTo).toISOString().slice(0, 10);
    return finding('ADMIN_CERTIFICATE', {
      file: user.file,
      line: user.entry.lineOf(field),
      subject: userSubject(user),
      message: `The ${userSubject(user)} has a client certificate of the group ${quoted(group)}, good until ${end}.`,
      command: 'dkp-auth login',
    });
  });
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
