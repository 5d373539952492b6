# Errors of R, one branch per way to fail.
pay <- function(number) stop("account ", number, " is overdrawn")
take <- function(number) pay(number)

case <- commandArgs(trailingOnly = TRUE)[1]
if (case == "stop") take(17)
if (case == "condition") lapply(1:2, function(x) take(x))
if (case == "subscript") list(a = 1)[["a"]][[3]]
if (case == "traceback") { options(error = quote({ traceback(2); q(status = 1) })); take(17) }
if (case == "long") take(strrep("a very long text ", 10))
if (case == "segfault") { take <- function(number) tools::pskill(Sys.getpid(), 11); take(17); Sys.sleep(1) }
if (case == "knit") {
  writeLines(c("```{r pay}", "pay <- function(number) stop(\"account \", number)", "pay(17)", "```"), "bank.Rmd")
  knitr::opts_chunk$set(error = FALSE)
  knitr::knit("bank.Rmd", quiet = TRUE, output = "bank.md")
}
