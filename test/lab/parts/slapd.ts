import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import type { Run } from '../run.ts';
import { directory, users } from '../world.ts';
import type { Part } from './part.ts';

export const slapdUrl = (run: Run) => `ldap://127.0.0.1:${run.port('slapd')}`;
export const personDn = (login: string) => `uid=${login},ou=people,${directory.baseDn}`;

const configuration = (run: Run) => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${run.path('slapd', 'pid')}
argsfile ${run.path('slapd', 'args')}
database mdb
suffix "${directory.baseDn}"
rootdn "${directory.bindDn}"
rootpw ${directory.bindPassword}
directory ${run.path('slapd', 'db')}
maxsize 16777216
dbnosync
access to attrs=userPassword by anonymous auth by * none
access to * by users read
`;

function entries(): string {
  const people = users.filter(user => user.connector === 'ldap');
  const groups = [...new Set(people.flatMap(person => person.groups))];
  const entry = (dn: string, attributes: readonly (readonly [string, string])[]) =>
    `dn: ${dn}\n${attributes.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
  return [
    entry(directory.baseDn, [
      ['objectClass', 'dcObject'],
      ['objectClass', 'organization'],
      ['o', 'Lab'],
      ['dc', 'lab'],
    ]),
    ...['people', 'groups'].map(ou =>
      entry(`ou=${ou},${directory.baseDn}`, [
        ['objectClass', 'organizationalUnit'],
        ['ou', ou],
      ]),
    ),
    ...people.map(person =>
      entry(personDn(person.login), [
        ['objectClass', 'inetOrgPerson'],
        ['uid', person.login],
        ['cn', person.name],
        ['sn', person.name.split(' ').at(-1) ?? person.name],
        ['mail', person.email],
        ['userPassword', person.password],
      ]),
    ),
    ...groups.map(group =>
      entry(`cn=${group},ou=groups,${directory.baseDn}`, [
        ['objectClass', 'groupOfNames'],
        ['cn', group],
        ...people
          .filter(person => person.groups.includes(group))
          .map(person => ['member', personDn(person.login)] as const),
      ]),
    ),
  ].join('\n');
}

export const slapd: Part = {
  id: 'slapd',
  about: 'the LDAP directory behind Dex, with three people and two groups',
  loses: 'LDAP users behind Dex',
  after: [],
  tools: [],
  files: ['/usr/sbin/slapd', '/usr/bin/ldapwhoami'],
  address: slapdUrl,
  prepare: async run => {
    const file = run.path('slapd', 'slapd.conf');
    const database = run.path('slapd', 'db');
    if (!existsSync(database)) {
      await mkdir(database, { recursive: true, mode: 0o700 });
      await writeFile(file, configuration(run), { mode: 0o600 });
      await execa('/usr/sbin/slapadd', ['-f', file], { input: entries(), timeout: 20_000 });
    }
    return { command: '/usr/sbin/slapd', args: ['-f', file, '-h', slapdUrl(run), '-d', 'stats'] };
  },
  ready: async run => {
    const login = ['-x', '-H', slapdUrl(run), '-D', directory.bindDn, '-w', directory.bindPassword];
    const result = await execa('/usr/bin/ldapwhoami', login, { reject: false, timeout: 5000 });
    return !result.failed;
  },
  patienceSeconds: 20,
};
