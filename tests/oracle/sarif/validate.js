// SPDX-License-Identifier: GPL-3.0-or-later
// validate.js LOG...: is each file a log by the schema of SARIF 2.1.0? Exit status 1 where not.
'use strict';
const fs = require('fs');
const Ajv = require('ajv');

const schema = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const ajv = new Ajv({ schemaId: 'id', meta: false, allErrors: true, format: 'full' });
ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json')); // the schema's own language
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, 'utf8')));

for (const path of process.argv.slice(2)) {
    if (!validate(JSON.parse(fs.readFileSync(path, 'utf8')))) {
        console.log(`${path}: ${ajv.errorsText(validate.errors, { dataVar: 'log' })}`);
        process.exitCode = 1;
    }
}
