import { answeredProfileNames, completeProfileNames } from '../../login/profile-names.ts';
import { formatLoginLink } from '../../portal/login-link.ts';
import { type Profile, sameAccount } from '../../profiles/profile.ts';
import {
  freeProfileName,
  isProfileName,
  type ProfileName,
  profileNameFault,
} from '../../profiles/profile-name.ts';
import { isBoundTo } from '../../profiles/registry.ts';
import { createTextField, setText, textFieldKey } from '../parts/text-field.ts';
import type { NameRow, State } from '../state.ts';
import { texts } from '../texts.ts';
import { next, type StepLogic, skip, stay, withProblem } from './turn.ts';

export const namesStep: StepLogic = {
  enter(state) {
    const fresh = withRows(state);
    const { single, byCluster } = state.answers.profiles;
    const answered = single !== undefined || byCluster.size >= state.chosen.length;
    try {
      const names = answeredProfileNames(state.answers.profiles, state.chosen, state.profiles);
      if (answered && names.size === state.chosen.length) return skip(fresh);
    } catch (error) {
      return stay(withProblem(fresh, error));
    }
    return stay(fresh);
  },

  key(state, key) {
    const { activeName, nameRows } = state;
    const row = nameRows[activeName];
    if (row === undefined) return undefined;
    switch (key.name) {
      case 'up':
        return stay({ ...state, activeName: Math.max(0, activeName - 1) });
      case 'down':
        return stay({ ...state, activeName: Math.min(nameRows.length - 1, activeName + 1) });
      case 'tab': {
        const free = nameFault(state, row)?.free;
        return free === undefined ? undefined : stay(withField(state, setText(row.field, free)));
      }
      case 'enter':
        return accept(state, row);
      default: {
        const field = textFieldKey(row.field, key);
        return field === row.field ? undefined : stay(withField(state, field));
      }
    }
  },

  event: state => stay(state),
};

function accept(state: State, row: NameRow) {
  // Inert while the name cannot be used; the reason stands under the field.
  if (nameFault(state, row) !== undefined) return stay(state);
  if (state.activeName < state.nameRows.length - 1)
    return stay({ ...state, activeName: state.activeName + 1 });
  const isFaulty = faultFinder(state);
  const faulty = state.nameRows.findIndex(isFaulty);
  return faulty === -1 ? next(state) : stay({ ...state, activeName: faulty });
}

function withField(state: State, field: NameRow['field']): State {
  const nameRows = state.nameRows.map((row, index) => (index === state.activeName ? { ...row, field } : row));
  return { ...state, nameRows, problem: undefined };
}

/** A row for each chosen cluster; what was typed for one that is still chosen stays. */
function withRows(state: State): State {
  const { chosen, profiles, spoilt, nameRows, answers, link } = state;
  const usable = profiles.filter(
    profile =>
      isOfThisPortal(state, profile) &&
      (!state.token || !profile.account || sameAccount(profile.account, state.token.account)),
  );
  const given = new Map([...answeredOrNone(state), ...typedNames(state)]);
  const proposed = completeProfileNames(given, chosen, usable, link?.workspace, profiles, spoilt);
  const earlier = new Map(nameRows.map(row => [row.cluster.server, row]));
  const rows = chosen.map(cluster => {
    const before = earlier.get(cluster.server);
    return (
      before ?? {
        cluster,
        field: createTextField(proposed.get(cluster) ?? answers.profiles.single ?? '', { maxLength: 100 }),
      }
    );
  });
  return { ...state, nameRows: rows, activeName: 0 };
}

function isOfThisPortal({ link, target, clusterList }: State, profile: Profile): boolean {
  const known = target?.portal.link ?? link;
  const issuer = () => clusterList?.clusters.find(({ server }) => server === profile.cluster.server)?.issuer;
  const installation = known === undefined ? issuer() : formatLoginLink(known);
  return installation !== undefined && isBoundTo(profile, profile.cluster.server, installation);
}

function typedNames({ chosen, nameRows }: State): Map<NameRow['cluster'], ProfileName> {
  const servers = new Set(chosen.map(({ server }) => server));
  const kept = nameRows.filter(({ cluster }) => servers.has(cluster.server));
  return new Map(
    kept.flatMap(({ cluster, field }) => {
      const name = field.value.trim();
      return isProfileName(name) ? [[cluster, name]] : [];
    }),
  );
}

function answeredOrNone(state: State): Map<NameRow['cluster'], ProfileName> {
  try {
    return answeredProfileNames(state.answers.profiles, state.chosen, []);
  } catch {
    return new Map();
  }
}

export type NameFault = { readonly message: string; readonly free: ProfileName | undefined };

/** Whether names cannot be used, asked of thousands one after the other: nothing is looked through for each. */
export function faultFinder(state: State): (row: NameRow) => boolean {
  const owners = new Map(state.profiles.map(profile => [profile.name as string, profile]));
  const spoilt = new Set<string>(state.spoilt);
  const counts = new Map<string, number>();
  for (const { field } of state.nameRows) {
    const name = field.value.trim();
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return row => {
    const name = row.field.value.trim();
    if (!isProfileName(name) || spoilt.has(name) || counts.get(name) !== 1) return true;
    const owner = owners.get(name);
    return owner !== undefined && ownerFault(state, row, owner) !== undefined;
  };
}

/** Why the name in a row cannot be used, and one that could; the invariant as the person types. */
export function nameFault(state: State, row: NameRow): NameFault | undefined {
  const name = row.field.value.trim();
  const fault = profileNameFault(name);
  const free = () =>
    freeProfileName([name, row.cluster.name, name], candidate => isTaken(state, row, candidate));
  if (fault !== undefined || !isProfileName(name))
    return { message: texts.nameInvalid(fault ?? ''), free: free() };
  if (state.spoilt.includes(name)) return { message: texts.nameSpoilt(name), free: free() };
  const owner = state.profiles.find(profile => profile.name === name);
  const message = owner && ownerFault(state, row, owner);
  if (message !== undefined) return { message, free: free() };
  const twin = state.nameRows.find(other => other !== row && other.field.value.trim() === name);
  return twin === undefined ? undefined : { message: texts.nameTwice(name, twin.cluster.name), free: free() };
}

function ownerFault(state: State, { cluster }: NameRow, owner: Profile): string | undefined {
  const { name, account } = owner;
  if (owner.cluster.server !== cluster.server || !isOfThisPortal(state, owner))
    return texts.nameTaken(name, owner.cluster.name, owner.cluster.server);
  if (account && state.token && !sameAccount(account, state.token.account))
    return texts.nameOtherAccount(name, account.label);
  return undefined;
}

function isTaken(state: State, row: NameRow, name: ProfileName): boolean {
  return (
    state.spoilt.includes(name) ||
    state.profiles.some(profile => profile.name === name) ||
    state.nameRows.some(other => other !== row && other.field.value.trim() === name)
  );
}
