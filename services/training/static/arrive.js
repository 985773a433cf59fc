// Whoever scanned the code wants to sign in: the form sends itself.
"use strict";

document.getElementById("t-arrive")?.requestSubmit();
