package config

import (
	"errors"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
)

// A document is the configuration file as it is written. What is a pointer tells "not there" from
// "there and empty", which is a mistake.
type document struct {
	Gateway struct {
		URL *string `yaml:"url"`
	} `yaml:"gateway"`
	Merchant struct {
		CheckURL      *string `yaml:"check_url"`
		ResultURL     *string `yaml:"result_url"`
		RequestMethod *string `yaml:"request_method"`
	} `yaml:"merchant"`
	Credentials struct {
		MerchantID   *string    `yaml:"merchant_id"`
		Secret       *reference `yaml:"secret"`
		PayoutSecret *reference `yaml:"payout_secret"`
		JWSID        *string    `yaml:"jws_id"`
		JWSKey       *reference `yaml:"jws_key"`
	} `yaml:"credentials"`
	Values  map[string]string   `yaml:"values"`
	Orders  *orders             `yaml:"orders"`
	Allow   *[]catalogue.Effect `yaml:"allow"`
	Known   []known             `yaml:"known"`
	Pace    *time.Duration      `yaml:"pace"`
	Timeout *time.Duration      `yaml:"timeout"`
}

// A known is a case that may end inconclusive or in error, with the reason.
type known struct {
	Case   string `yaml:"case"`
	Reason string `yaml:"reason"`
}

// orders is the word any, or a list.
type orders struct {
	any  bool
	list []order
}

type order struct {
	ID       string `yaml:"id"`
	Amount   string `yaml:"amount"`
	Currency string `yaml:"currency"`
}

func (o *orders) UnmarshalYAML(decode func(any) error) error {
	var text string
	if decode(&text) == nil {
		if text != "any" {
			return errors.New("neither any nor a list of orders")
		}
		o.any = true
		return nil
	}
	return decode(&o.list)
}
