// Ordinary lines of Go's loggers; the last one is an error.
package main

import (
	"errors"
	"log"
	"os"

	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
)

var texts = []string{"listening on :8080", "GET /accounts/17 took 12 ms", "goroutine pool has 3 workers",
	"panic button is not pressed", "slow query (312 ms): SELECT * FROM accounts"}

func main() {
	failure := "payment of account 17 failed"
	switch os.Args[1] {
	case "log":
		for _, text := range texts {
			log.Print(text)
		}
		log.Print("ERROR: " + failure)
	case "logrus", "logrusJSON":
		logger := logrus.New()
		logger.Formatter = &logrus.TextFormatter{DisableColors: true, FullTimestamp: true}
		if os.Args[1] == "logrusJSON" {
			logger.Formatter = &logrus.JSONFormatter{}
		}
		for _, text := range texts {
			logger.WithField("account", 17).Info(text)
		}
		logger.WithError(errors.New("overdrawn")).Error(failure)
	case "zap", "zapJSON":
		config := zap.NewDevelopmentConfig()
		if os.Args[1] == "zapJSON" {
			config = zap.NewProductionConfig()
		}
		config.DisableStacktrace = true
		logger, _ := config.Build()
		for _, text := range texts {
			logger.Info(text, zap.Int("account", 17))
		}
		logger.Error(failure, zap.Error(errors.New("overdrawn")))
	}
}
