/** Why somebody did not get in. The page knows the words by the code, so that no address can put words into its mouth. */

const SIGN_IN_PROBLEMS = {
	stateMissing: { status: 400, words: "GitHub's answer did not say which sign-in it belongs to. Begin again from this page." },
	stateUnknown: { status: 400, words: "This sign-in was begun in another browser, or not here. Begin again from this page." },
	stateUsed: { status: 400, words: "This sign-in was used already: each works once. Begin again from this page." },
	stateExpired: { status: 400, words: "This sign-in took longer than ten minutes. Begin again from this page." },
	code: { status: 400, words: "GitHub did not accept the code of this sign-in. Begin again from this page." },
	refused: { status: 403, words: "You said no on GitHub, so nobody was signed in. You can begin again whenever you like." },
	notAllowed: {
		status: 403,
		words:
			"GitHub knows you, but your account is not among those that may sign in here: neither by name nor by one of its organisations. " +
			"Ask the person who runs this installation.",
	},
	scope: {
		status: 403,
		words: "GitHub did not tell which organisations you are in. Begin again, and allow it to read your organisation membership.",
	},
	gitHub: { status: 503, words: "GitHub does not answer as it should at the moment. Try again in a few minutes." },
	gitHubOff: { status: 404, words: "Signing in with GitHub is not set up on this installation." },
	token: { status: 401, words: "This access token is unknown, expired or revoked." },
	tokenMachine: { status: 403, words: "This token belongs to a machine: it opens the API, not pages. Use a token of your own." },
	tokenScope: { status: 403, words: "This token may not read. Signing in needs one with at least the read scope." },
	setup: { status: 401, words: "This is not the setup token. It was printed once to the log, or is the secret SETUP_TOKEN." },
	setupDone: { status: 409, words: "This installation has an admin already. Ask for an invitation." },
	setupFields: { status: 422, words: "Give the team a name of 1 to 80 characters, and say your own name." },
	tooMany: { status: 429, words: "Too many attempts from your network. Wait ten minutes, then try again." },
} as const satisfies Record<string, { status: number; words: string }>;

export type SignInProblem = keyof typeof SIGN_IN_PROBLEMS;

/** The status a problem is answered with. */
export function statusOfProblem(problem: SignInProblem): number {
	return SIGN_IN_PROBLEMS[problem].status;
}

/** What a person is told, or null for a code that nobody here gave. */
export function wordsOfProblem(problem: string | null): string | null {
	return problem !== null && Object.hasOwn(SIGN_IN_PROBLEMS, problem) ? SIGN_IN_PROBLEMS[problem as SignInProblem].words : null;
}
