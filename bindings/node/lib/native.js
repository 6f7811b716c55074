'use strict';

// The functions of the addon, whose errors are those of error.js. What error.js itself needs takes addon.js.

require('./error.js');

module.exports = require('./addon.js');
