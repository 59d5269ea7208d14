import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { texts } from '../../source/wizard/texts.ts';
import { temporaryHome } from '../helpers/home.ts';
import { cli } from '../helpers/program.ts';
import { startInTerminal } from '../helpers/pty.ts';
