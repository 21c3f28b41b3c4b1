import * as z from "zod/mini";

// Zod compiles its checks with new Function otherwise, which the page's policy forbids.
z.config({ jitless: true });

export { z };
