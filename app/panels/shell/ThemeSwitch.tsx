import { useFetcher, useLocation } from "@remix-run/react";
import type { ComponentType } from "react";
import { preferencePath, type Theme } from "../../preferences.ts";
import { useTheme } from "../../root.tsx";
import { type IconProps, MoonIcon, ScreenIcon, SunIcon, TickIcon } from "../../ui/icons.tsx";
import { Menu } from "../../ui/Menu.tsx";

const CHOICES: { theme: Theme; word: string; Icon: ComponentType<IconProps> }[] = [
	{ theme: "dark", word: "Dark", Icon: MoonIcon },
	{ theme: "light", word: "Light", Icon: SunIcon },
	{ theme: "system", word: "As the system", Icon: ScreenIcon },
];

/** The theme button of the top bar. */
export function ThemeSwitch() {
	const theme = useTheme();
	const { Icon } = CHOICES.find((choice) => choice.theme === theme) ?? CHOICES[2]!;
	return (
		<Menu
			name="Theme (Shift D)"
			opener={<Icon />}
			openerClass="target grid size-8 place-items-center rounded-ctl border border-line2 bg-s1 text-t2 hover:bg-s2 hover:text-t1"
			panelClass="top-full right-0 mt-1 w-44"
		>
			<ThemeChoice />
		</Menu>
	);
}

/** The three themes as buttons of one form. Without scripts the form leads back to this page. */
export function ThemeChoice() {
	const theme = useTheme();
	const fetcher = useFetcher({ key: "theme" });
	const { pathname, search } = useLocation();
	return (
		<form
			method="post"
			action={preferencePath("theme")}
			onSubmit={(event) => {
				event.preventDefault();
				event.currentTarget.closest("details")?.removeAttribute("open");
				const { submitter } = event.nativeEvent as SubmitEvent;
				if (submitter instanceof HTMLButtonElement)
					fetcher.submit({ theme: submitter.value }, { method: "post", action: preferencePath("theme") });
			}}
		>
			<input type="hidden" name="next" value={pathname + search} />
			{CHOICES.map((choice) => (
				<button
					key={choice.theme}
					type="submit"
					name="theme"
					value={choice.theme}
					aria-pressed={choice.theme === theme}
					className="target flex h-8 w-full items-center gap-2.5 rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1 aria-pressed:font-medium aria-pressed:text-t1"
				>
					<choice.Icon />
					{choice.word}
					{choice.theme === theme && <TickIcon className="ml-auto size-4 text-acc" />}
				</button>
			))}
		</form>
	);
}
