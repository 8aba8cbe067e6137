# The style of all pictures of the gallery. Colours are those of Okabe and Ito, which people of every
# colour vision tell apart and which differ in lightness; shapes and dashes tell them apart on grey paper.
set encoding utf8
set style line 1 lc rgb '#0072B2' lw 2.2 dt solid pt 7 ps 1.0
set style line 2 lc rgb '#D55E00' lw 2.2 dt (12,4) pt 5 ps 0.95
set style line 3 lc rgb '#009E73' lw 2.2 dt (12,4,2,4) pt 9 ps 1.15
set style line 4 lc rgb '#CC79A7' lw 2.2 dt (5,3) pt 13 ps 1.25
set style line 5 lc rgb '#E69F00' lw 2.2 dt (16,4,2,4,2,4) pt 11 ps 1.15
set style line 6 lc rgb '#56B4E9' lw 2.2 dt (20,5) pt 4 ps 1.0
set style line 7 lc rgb '#7F5B00' lw 2.2 dt (3,3) pt 6 ps 1.0
set style line 8 lc rgb '#5E3C99' lw 2.2 dt (9,3,9,8) pt 8 ps 1.1
set style line 9 lc rgb '#000000' lw 2.2 dt (2,3) pt 12 ps 1.2
set style line 10 lc rgb '#8C8C8C' lw 1.6 dt (6,5) pt 2 ps 0.9
set border 3 lw 1 lc rgb '#606060'
set tics out nomirror scale 0.6,0.3 textcolor rgb '#303030'
set grid back lt 1 lw 0.7 dt solid lc rgb '#E6E6E6'
set errorbars 0
set bars 0.4
# The open shapes of styles 1 to 3.
set style line 21 lc rgb '#0072B2' lw 1.6 dt solid pt 6 ps 1.0
set style line 22 lc rgb '#D55E00' lw 1.6 dt solid pt 4 ps 0.95
set style line 23 lc rgb '#009E73' lw 1.6 dt solid pt 8 ps 1.15
