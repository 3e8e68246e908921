/** Under which id the sample organisation has registered this app. */
export const CLIENT_ID = '5fb9410e-4689-56cd-9ca4-e2991a42b6b0';
