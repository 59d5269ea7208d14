import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs/promises';
import { describe, test } from 'node:test';
import { claimProfile } from '../../../source/profiles/registry.ts';
import { steps } from '../../../source/wizard/steps/order.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { sampleProfile } from '../../helpers/profiles.ts';
import { assertRestored, endsWith, flags, openWizard, temporaryDemo } from '../../helpers/wizard-terminal.ts';

// Most of the time is spent waiting for the platform, so several go on at once.
describe('the wizard asks', { concurrency: 2 }, () => {
  describe('a platform with a certificate of its own', { concurrency: 3 }, () => {
    test('shows whose it is before anything is sent there, and is trusted by choice; the link is offered the next time', async t => {
      const demo = await temporaryDemo(t);
      const { global: link } = demo.document.loginLinks;
      const home = await temporaryHome(t);
      const rest = ['--idp', 'corporate', '--cluster', 'blue-prod', '--method', '2', '--sign-in-later'];
      const wizard = await openWizard(t, demo, { home, args: ['login', ...rest] });
      await wizard.at('link');
      wizard.type(link);
      await wizard.press('enter');
      const screen = await wizard.at('trust');
      assert.deepEqual(demo.requests, [], 'nothing was asked over a connection that nobody trusts');
      const { fingerprint256, subject } = new X509Certificate(demo.document.ca);
      assert.ok(screen.length > 0);
      assert.ok(wizard.logicalLines().includes(fingerprint256), 'whole, in one line that can be copied');
      assert.ok(
        screen.some(line => line === `Subject: ${subject.replaceAll('\n', ' ')}`),
        screen.join('\n'),
      );
      await wizard.press('down', 'enter');
      await wizard.at('names');
      await wizard.press('enter');
      await wizard.at('review');
      await wizard.press('enter');
      await endsWith(wizard, 0);

      const again = await openWizard(t, demo, { home, args: [] });
      const offered = await again.at('link');
      assert.ok(offered.includes(`> 1 ${link}`), offered.join('\n'));
      assert.ok(offered.includes('  2 Another login link'));
      await again.press('enter');
      const providers = await again.at('provider');
      assert.ok(providers.some(line => line.startsWith('> 1 Corporate Directory')));
      assert.ok(providers.includes('✓ Certificate: trusted by you'));
      await again.press('ctrl+c');
      await endsWith(again, 130);
    });

    test('is trusted through a CA file; one that is not there, or none, is said so', async t => {
      const demo = await temporaryDemo(t);
      const home = await temporaryHome(t);
      await fs.writeFile(home.path('notes.txt'), 'not a certificate');
      await fs.copyFile(demo.document.caFile, home.path('ca.pem'));
      const wizard = await openWizard(t, demo, { home, args: ['login', demo.document.loginLinks.global] });
      await wizard.at('trust');
      await wizard.press('end', 'enter');
      await wizard.waitFor('File with the certificate');
      wizard.type('~/nowhere.pem');
      await wizard.press('enter');
      await wizard.waitFor('nowhere.pem does not exist.');
      await wizard.press('ctrl+u');
      wizard.type('notes.txt');
      await wizard.press('enter');
      await wizard.waitFor(/✗ .*notes\.txt/);
      await wizard.press('ctrl+u');
      wizard.type('~/ca.pem');
      await wizard.press('enter');
      await wizard.at('provider');
      await wizard.press('escape');
      await wizard.at('trust');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
      assert.deepEqual(await home.files(), ['ca.pem', 'notes.txt']);
    });

    test('is left alone when one chooses to stop', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, { args: ['login', demo.document.loginLinks.global] });
      await wizard.at('trust');
      await wizard.press('enter');
      await endsWith(wizard, 130);
      assert.deepEqual(demo.requests, []);
      assert.deepEqual(await wizard.home.files(), []);
    });

    test('that is another one than --trust names is refused, and Escape leads nowhere near it', async t => {
      const demo = await temporaryDemo(t);
      const other = Array(32).fill('AB').join(':');
      const wizard = await openWizard(t, demo, {
        args: ['login', demo.document.loginLinks.global, '--trust', other],
      });
      await wizard.waitFor('✗');
      await wizard.waitFor('Enter try again');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
      assert.deepEqual(demo.requests, []);
    });
  });

  describe('identity providers', { concurrency: 3 }, () => {
    test('of which there is one only are not asked for, but shown', async t => {
      const demo = await temporaryDemo(t, { only: { identityProviders: ['corporate'] } });
      const wizard = await openWizard(t, demo);
      const screen = await wizard.at('login');
      assert.ok(
        screen.some(line => /^✓ Identity provider: /.test(line)),
        screen.join('\n'),
      );
      await wizard.press('escape');
      await wizard.waitFor('Leave?');
      wizard.type('y');
      await endsWith(wizard, 130);
    });

    test('of which there are many are chosen from, by typing too', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo);
      await wizard.at('provider');
      wizard.type('GIT');
      await wizard.waitFor('Filter: GIT');
      await wizard.press('enter');
      await wizard.at('login');
      assert.match(wizard.addresses()[0] ?? '', /connector_id=github$/);
    });

    test('are asked for when they are the one thing that the flags leave open', async t => {
      const demo = await temporaryDemo(t);
      const rest = ['--cluster', 'blue-prod', '--method', '2', '--profile', 'blue'];
      const wizard = await openWizard(t, demo, { args: flags(demo, ...rest) });
      await wizard.at('provider');
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
    });

    test('that a flag names wrongly are listed', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'ldap') });
      await wizard.waitFor('There is no identity provider "ldap" at this portal.');
      await wizard.waitFor('corporate (Corporate Directory), github (GitHub)');
      await wizard.press('enter');
      await wizard.at('login');
    });
  });

  describe('questions', { concurrency: 3 }, () => {
    test('can be gone through backwards to the first and forwards again; nothing typed is lost', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, { args: [] });
      await wizard.at('link');
      wizard.type(demo.document.loginLinks.global);
      await wizard.press('enter');
      await wizard.at('trust');
      await wizard.press('down', 'enter');
      await wizard.at('provider');
      await wizard.press('enter');
      await wizard.signIn('ada');
      await wizard.at('clusters');
      await wizard.press('end', 'space', 'up', 'space', 'enter');
      await wizard.at('method');
      await wizard.press('down', 'enter');
      await wizard.at('time');
      await wizard.press('down', 'enter');
      await wizard.at('names');
      await wizard.press('ctrl+u');
      wizard.type('first');
      await wizard.press('enter', 'ctrl+u');
      wizard.type('second');
      await wizard.press('enter');
      const review = await wizard.at('review');
      for (const step of [...steps].reverse()) {
        if (step === 'run' || step === 'review') continue;
        await wizard.press('escape');
        await (step === 'login' ? wizard.waitFor('You are signed in as') : wizard.at(step));
      }
      assert.ok(wizard.screen().includes(demo.document.loginLinks.global));
      await wizard.press('escape');
      await wizard.waitFor('Leave?');
      wizard.type('n');
      for (const step of steps.slice(0, steps.indexOf('names'))) {
        const screen = await (step === 'login' ? wizard.waitFor('You are signed in as') : wizard.at(step));
        if (step === 'clusters') assert.equal(screen.filter(line => /\[x\] \d blue-/.test(line)).length, 2);
        if (step === 'method') assert.ok(screen.some(line => line.startsWith('> 2 Method 2')));
        if (step === 'time') assert.ok(screen.some(line => line.startsWith('> 2 Now')));
        await wizard.press('enter');
      }
      const names = await wizard.at('names');
      assert.ok(
        names.some(line => /^> +blue-prod +first$/.test(line)),
        names.join('\n'),
      );
      assert.ok(
        names.some(line => /blue-edge +second$/.test(line)),
        names.join('\n'),
      );
      await wizard.press('enter', 'enter');
      const end = await wizard.at('review');
      const written = (lines: string[]) => lines.filter(line => line.startsWith('•'));
      assert.deepEqual(written(end), written(review));
      assert.equal(wizard.addresses().length, 1, 'one login was enough');
      assert.deepEqual(await wizard.home.files(), []);
    });

    test('a taken profile name is refused as it is typed, says whose it is, and Tab takes a free one', async t => {
      const demo = await temporaryDemo(t);
      const home = await temporaryHome(t);
      const elsewhere = 'https://elsewhere.example.com:6443';
      const taken = sampleProfile('prod', elsewhere, {
        cluster: { name: 'frankfurt', server: elsewhere, hostname: 'elsewhere.example.com' },
      });
      await claimProfile(home.paths, taken);
      const before = await fs.readFile(home.path('config', 'profiles', 'prod.json'), 'utf8');
      const wizard = await openWizard(t, demo, {
        home,
        args: flags(demo, '--idp', 'corporate', '--cluster', 'blue-prod', '--method', '2', '--sign-in-later'),
      });
      await wizard.at('names');
      await wizard.press('ctrl+u');
      wizard.type('prod');
      await wizard.waitFor(`"prod" is taken by frankfurt (${elsewhere}).`);
      await wizard.waitFor('Free: blue-prod (Tab takes it)');
      const { x, y, visible } = wizard.cursor();
      assert.equal(visible, true);
      assert.ok(wizard.screen()[y]?.slice(0, x).endsWith('prod'), 'the cursor is behind what was typed');
      await wizard.press('enter');
      wizard.type('-2');
      await wizard.waitFor(
        screen => screen.some(line => line.endsWith('prod-2')) && !screen.join().includes('taken'),
      );
      await wizard.press('backspace', 'backspace');
      await wizard.waitFor('is taken by frankfurt');
      await wizard.press('tab');
      await wizard.waitFor(screen => !screen.join().includes('taken'));
      await wizard.press('enter');
      await wizard.at('review');
      await wizard.press('enter');
      await endsWith(wizard, 0);
      assert.equal(await fs.readFile(home.path('config', 'profiles', 'prod.json'), 'utf8'), before);
      assert.ok((await home.files()).includes('config/profiles/blue-prod.json'));
      await assertRestored(wizard);
    });

    test('keys that come before the wizard is ready are not lost', async t => {
      const demo = await temporaryDemo(t);
      const wizard = await openWizard(t, demo, { args: [] });
      await wizard.pid;
      wizard.type(`${demo.document.loginLinks.global}`);
      await wizard.waitFor(demo.document.loginLinks.global);
      await wizard.press('enter');
      await wizard.at('trust');
    });
  });
});
