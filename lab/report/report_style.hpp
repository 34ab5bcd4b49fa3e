// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::lab::detail {

// Figures are drawn for white paper; in the dark their neutral colours change sides and the others become lighter.
// Coloured cells stay as they are: their colours are the data. Sections out of sight are not laid out.
inline constexpr const char* report_style = R"css(
:root { --text: #1d1d1f; --soft: #5f6368; --page: #fbfbfa; --card: #ffffff; --line: #dcdcd8; --link: #0b57a4;
  --good: #00684a; --shape: #7a5200; --bad: #a8320a; --open: #5f6368; --mark: #fff3c4; }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e8e8e6; --soft: #a9acb1; --page: #17181a; --card: #1f2124; --line: #3a3d41; --link: #8ab8f0;
    --good: #4fd1a5; --shape: #f0c267; --bad: #ff9d7a; --open: #a9acb1; --mark: #4a4020; }
  .paper [color="black"] { color: var(--text); }
  .paper [fill="black"] { fill: var(--text); }
  .paper [fill="#444444"] { fill: #c4c7cb; } .paper [stroke="#444444"] { stroke: #8d9196; }
  .paper [stroke="#e4e4e4"] { stroke: #34373b; } .paper [stroke="#333333"] { stroke: #e8e8e6; }
  .paper [stroke="#222222"] { stroke: #f2f2f0; } .paper [color="#222222"] { color: #f2f2f0; }
  .paper [stroke="#555555"] { stroke: #c9c9c6; } .paper [stroke="#888888"] { stroke: #a2a2a0; }
  .paper [stroke="#0072b2"] { stroke: #4aa8e8; } .paper [fill="#0072b2"] { fill: #4aa8e8; }
  .paper [color="#0072b2"] { color: #4aa8e8; }
  .paper [stroke="#d55e00"] { stroke: #ff8534; } .paper [fill="#d55e00"] { fill: #ff8534; }
  .paper [color="#d55e00"] { color: #ff8534; }
  .paper [stroke="#009e73"] { stroke: #25c795; } .paper [fill="#009e73"] { fill: #25c795; }
  .paper [color="#009e73"] { color: #25c795; }
  .paper [stroke="#777777"] { stroke: #a9acb1; } .paper [fill="#777777"] { fill: #a9acb1; }
  .paper [color="#777777"] { color: #a9acb1; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 1.2rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.35rem; margin: 2.4rem 0 .6rem; } h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
h1, h2, h3, p, figcaption, li, summary { max-width: 80ch; overflow-wrap: anywhere; }
a { color: var(--link); } .soft { color: var(--soft); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.experiment { border-top: 1px solid var(--line); margin-top: 2.4rem; content-visibility: auto;
  contain-intrinsic-size: auto 1600px; }
.experiments ul { columns: 26rem; padding-left: 1.2rem; } .experiments li { break-inside: avoid; }
.question { font-size: 1.1rem; font-weight: 600; }
figure { margin: 1.4rem 0; } figcaption { color: var(--soft); font-size: .92rem; margin-top: .5rem; }
.files { white-space: nowrap; } .files a { margin-right: .15rem; }
.paper { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .5rem; overflow-x: auto; }
.paper svg { display: block; width: 100%; height: auto; font-family: Helvetica, Arial, sans-serif; }
.paper image { image-rendering: pixelated; }
.paper [color="#FFFFFF"] { color: var(--card); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .65rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } tbody tr:last-child td { border-bottom: 0; }
tr:has(:target) { background: var(--mark); }
.groups td { white-space: nowrap; } .groups small { color: var(--soft); }
.scroll:has(.counts) { width: fit-content; max-width: 100%; }
.counts td:not(:first-child), .counts th:not(:first-child) { text-align: right; }
.counts td:first-child { min-width: 13rem; } .counts td:first-child span { margin-left: .4rem; }
.claims td { min-width: 7rem; } .claims td:nth-child(n + 3) { min-width: 10rem; overflow-wrap: anywhere; }
.claims td:has(.here), .claims td:has(a) { min-width: 15rem; } .here { text-decoration: none; padding: 0 .25rem; }
@media (max-width: 700px) {
  .counts td:first-child { min-width: 0; } .counts td:first-child span { display: none; }
  .counts th, .counts td { padding: .35rem .3rem; } .counts .verdict { white-space: normal; }
  .claims thead { display: none; } .claims tr { display: block; border-bottom: 1px solid var(--line); }
  .claims td { display: block; border: 0; padding: .2rem .65rem; }
  .judged td:nth-child(3)::before { content: "printed: "; } .judged td:nth-child(4)::before { content: "measured: "; }
  .claims td:nth-child(n + 3) { font-size: .95em; color: var(--soft); } .claims td:empty { display: none; }
}
.verdict { font-weight: 700; white-space: nowrap; }
.holds { color: var(--good); } .holds-in-shape { color: var(--shape); } .does-not-hold { color: var(--bad); }
.not-tested, .undecided { color: var(--open); }
details { margin: .6rem 0; } summary { cursor: pointer; padding: .25rem 0; }
.warning { border-left: 4px solid var(--bad); padding: .1rem .9rem; background: var(--card); }
pre { overflow-x: auto; font-size: .8rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .8rem; }
)css";

}  // namespace sigmagrad::lab::detail
