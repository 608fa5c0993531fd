// Once for each process that runs tests, before it loads any of them.

import process from 'node:process';
import { allowTypeScript } from './typescript/register.mjs';

allowTypeScript();

// What sessions can be filtered by is read when the service is loaded, and so is the same for all tests of a process.
process.env.METADATA_FILTER_KEYS = 'queue,caller.id,$plan,50%';
