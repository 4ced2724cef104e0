import { MarkIcon } from "../../ui/icons.tsx";
import { roleWord } from "./SideNav.tsx";

const ROLES = ["viewer", "member", "manager", "admin"] as const;

type DemoTeam = { slug: string; name: string };

/** The one card of the sign-in page. `demo` lists the teams to try; null where the demo sign-in does not exist. */
export function SignInCard({ next, demo }: { next: string; demo: DemoTeam[] | null }) {
	return (
		<section className="w-full max-w-sm rounded-dialog border border-line bg-s1 p-6">
			<div className="flex items-center gap-2.5">
				<MarkIcon className="size-7" />
				<h1 className="text-verdict font-[650]">Sign in to OpsSight</h1>
			</div>
			{demo === null ? (
				<>
					<p className="mt-4 text-body text-t2">
						No way to sign in is set up on this installation yet. Ask the person who runs it; there is nothing you can do here.
					</p>
					<p className="mt-3 text-sec text-t3">Programs use an access token with the API, not this page.</p>
				</>
			) : (
				<>
					<p className="mt-4 text-body text-t2">This is a development instance. Choose whose eyes to look through.</p>
					{demo.length === 0 ? <NamedTeamForm next={next} /> : demo.map((team) => <RoleForms key={team.slug} next={next} team={team} />)}
					<p className="mt-4 text-sec text-t3">No password: this way in exists on your own machine only.</p>
				</>
			)}
		</section>
	);
}

const ROLE_BUTTON = "target h-9 w-full rounded-ctl border border-ctl text-body font-medium hover:border-acc hover:bg-acc-bg hover:text-acc";

/** Four real forms: the Worker answers `POST /dev/sign-in`, with or without scripts. */
function RoleForms({ next, team }: { next: string; team: DemoTeam }) {
	return (
		<section aria-label={team.name} className="mt-4">
			<h2 className="mb-2 text-sec font-medium text-t3">{team.name}</h2>
			<div className="grid grid-cols-2 gap-2">
				{ROLES.map((role) => (
					<form key={role} method="post" action="/dev/sign-in">
						<input type="hidden" name="role" value={role} />
						<input type="hidden" name="team" value={team.slug} />
						<input type="hidden" name="next" value={next} />
						<button type="submit" className={ROLE_BUTTON}>
							{roleWord(role)}
						</button>
					</form>
				))}
			</div>
		</section>
	);
}

/** The same where nobody told this page which teams there are. */
function NamedTeamForm({ next }: { next: string }) {
	return (
		<form method="post" action="/dev/sign-in" className="mt-4">
			<input type="hidden" name="next" value={next} />
			<label className="block text-sec font-medium text-t3">
				Team, as its address has it
				<input
					name="team"
					required
					autoCapitalize="none"
					spellCheck={false}
					className="mt-1 mb-3 block h-9 w-full rounded-ctl border border-ctl bg-bg px-2.5 text-body text-t1 pointer-coarse:h-11 pointer-coarse:text-[1rem]"
				/>
			</label>
			<div className="grid grid-cols-2 gap-2">
				{ROLES.map((role) => (
					<button key={role} type="submit" name="role" value={role} className={ROLE_BUTTON}>
						{roleWord(role)}
					</button>
				))}
			</div>
		</form>
	);
}
